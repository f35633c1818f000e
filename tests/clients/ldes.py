"""ldes-client (npm) follows the streams of the feed: what it keeps is what the release has, quad for quad."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / ".clients"
"""Where `make clients` puts what npm installs."""

_SCRIPT = """
import { replicateLDES } from "ldes-client";
import { Writer } from "n3";
const last = new Map();
const AS = "https://www.w3.org/ns/activitystreams#";
const stream = replicateLDES({ url: process.argv[2], materialize: false }, "ascending").stream();
for await (const member of stream) {
  const told = member.quads.filter((q) => q.subject.equals(member.id));
  const is = (name) => told.find((q) => q.predicate.value.endsWith(name)).object.value;
  const quads = member.quads.filter((q) => q.graph.equals(member.id));
  last.set(is("isVersionOf"), { kind: is("22-rdf-syntax-ns#type"), quads });
}
const lines = [], writer = new Writer({ format: "N-Triples" });
for (const { kind, quads } of last.values())
  if (kind !== AS + "Delete")
    for (const q of quads) lines.push(writer.quadToString(q.subject, q.predicate, q.object));
console.log(JSON.stringify(lines));
"""


def follow(release: Path, address: str) -> str:
    """Follow the streams of a release that is served; what was compared. Raises AssertionError where it differs."""
    if not (FOLDER / "node_modules" / "ldes-client").is_dir():
        return "left out: npm did not install it"
    script = FOLDER / "follow.mjs"
    script.write_text(_SCRIPT, encoding="utf-8")
    streams = sorted(path.parent.name for path in (release / "feed").glob("*/index.trig"))
    quads = 0
    for name in streams:
        command = ["node", str(script), f"{address}/feed/{name}/index.trig"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, cwd=FOLDER)
        assert done.returncode == 0, done.stderr[-2000:]
        got = {line.strip() for line in json.loads(done.stdout.splitlines()[-1])}
        dump = gzip.decompress((release / "dump" / f"{name}.nq.gz").read_bytes()).decode().splitlines()
        wanted = {f"{line.rpartition(' <')[0]} ." for line in dump}
        assert got == wanted, f"{name}: {len(wanted - got)} missing, {len(got - wanted)} more"
        quads += len(got)
    return f"{len(streams)} streams rebuilt, {quads} quads, the same as the dumps"
