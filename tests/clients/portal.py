"""udata, which runs data.gouv.fr, reads the catalogue: titles, licences, distributions of each source arrive there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

PYTHON = Path(__file__).resolve().parent.parent.parent / ".venv-clients" / "bin" / "python"

_CODES = {
    "https://www.etalab.gouv.fr/licence-ouverte-open-licence/": "lov2",
    "https://opendatacommons.org/licenses/odbl/1-0/": "odc-odbl",
    "https://creativecommons.org/licenses/by/4.0/": "cc-by",
    "https://creativecommons.org/licenses/by-sa/4.0/": "cc-by-sa",
    "https://creativecommons.org/publicdomain/zero/1.0/": "cc-zero",
}


def read(release: Path, _address: str) -> str:
    """Read the catalogue of a release; what was read. Raises AssertionError where something does not arrive."""
    if not PYTHON.exists():
        return "left out: not installed"
    command = [str(PYTHON), str(Path(__file__).parent / "udata_reader.py"), str(release / "catalog.ttl")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = {one["iri"].rpartition("/")[2]: one for one in map(json.loads, done.stdout.splitlines())}
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    for source in manifest["sources"]:
        read_ = found[source["id"]]
        assert read_["title"] == source["title"]["fr"], read_
        assert read_["license"] == _CODES.get(source["license"]["iri"], "notspecified"), read_
        assert read_["resources"], read_
        assert all(format_ for _title, format_, _url in read_["resources"]), read_
    for group in manifest["rights"]["groups"]:
        urls = [url for _title, _format, url in found[f"clirld-{group['id']}"]["resources"]]
        assert any(url.endswith(f"/dump/clirld-{group['id']}.nq.gz") for url in urls), urls
    return f"{len(found)} datasets read, with title, licence and distributions"
