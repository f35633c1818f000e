"""Chromium, by puppeteer-core (npm), opens every kind of page, and axe-core looks for what shuts people out.

https://github.com/dequelabs/axe-core: its rules for WCAG 2.0 to 2.2, A and AA, and its best practices. At both widths
no page may be broader than the window, none may weigh more than 50 KB, and no script of theirs may fail.

    python -m tests.clients.browser ADDRESS /search?q=a …      these pages only, of a server that runs
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from tests.clients.ldes import FOLDER
from tests.clients.pages import ADDRESSES, LONG

MOST_BYTES = 50_000
"""Of a page without what it loads."""

_SCRIPT = """
import { readFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
const { chromium, folder, pages } = JSON.parse(readFileSync(0));
const axe = readFileSync(`${folder}/node_modules/axe-core/axe.min.js`, "utf-8");
const browser = await puppeteer.launch({ executablePath: chromium, args: ["--no-sandbox", "--disable-gpu"] });
const looks = [
  [1400, "light", true], [390, "dark", true],
  [1400, "dark", false], [390, "light", false],
];
for (const [width, scheme, script] of looks) {
  const tab = await browser.newPage();
  await tab.setViewport({ width, height: 900 });
  await tab.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  let told;
  tab.on("pageerror", (problem) => told.problems.push(`a script fails: ${problem.message}`));
  // Aborted is what the browser gives up: of a <picture>, what it asked for before it knew which colours are wanted.
  tab.on("requestfailed", (asked) => asked.failure().errorText === "net::ERR_ABORTED"
    || told.problems.push(`not had: ${asked.url()}: ${asked.failure().errorText}`));
  for (const address of pages) {
    told = { address, width, scheme, script, problems: [] };
    try {
      await tab.setJavaScriptEnabled(script);
      const answer = await tab.goto(address, { waitUntil: "load", timeout: 60000 });
      told.bytes = (await answer.buffer()).length;
      await tab.setJavaScriptEnabled(true); // for axe-core; those of the page have not run, and do not now
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => axe.run({ resultTypes: ["violations"] }));
      for (const { id, help, nodes } of found.violations)
        told.problems.push(`${id}: ${help}: ${nodes.slice(0, 3).map((one) => one.html.slice(0, 160)).join(" | ")}`);
      const broad = await tab.evaluate(() => document.documentElement.scrollWidth);
      if (broad > width) told.problems.push(`the page is ${broad} pixels wide`);
    } catch (problem) {
      told.problems.push(`not looked at: ${problem.message}`);
    }
    console.log(JSON.stringify(told));
  }
  await tab.close();
}
await browser.close();
"""


def left_out() -> str:
    """Why no browser can be driven here; nothing where one can."""
    if _chromium() is None:
        return "left out: no chromium (Debian's package)"
    if not (FOLDER / "node_modules" / "axe-core").is_dir():
        return "left out: npm did not install axe-core"
    return ""


def run(name: str, text: str, given: Mapping[str, Any], timeout: int = 600) -> str:
    """What a script of puppeteer wrote, that is given the browser, the folder of axe-core and more as JSON."""
    script = FOLDER / name
    script.write_text(text, encoding="utf-8")  # where node finds puppeteer
    done = subprocess.run(
        ["node", str(script)],
        input=json.dumps({"chromium": _chromium(), "folder": str(FOLDER), **given}),
        capture_output=True, text=True, timeout=timeout, check=False, cwd=FOLDER,
        env=os.environ | {"HOME": str(FOLDER)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def used(script: Path, address: str) -> dict[str, Any]:
    """What a script looked at on a server, as it tells it. Raises AssertionError where it found problems."""
    told: dict[str, Any] = json.loads(run(script.name, script.read_text(encoding="utf-8"), {"address": address}))
    assert not told["problems"], f"{len(told['problems'])} problems\n  " + "\n  ".join(told["problems"])
    return told


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


def look(_release: Path, address: str, pages: list[str] | None = None) -> str:
    """Look at the pages of a server; what was looked at. Raises AssertionError where one shuts somebody out."""
    if missing := left_out():
        return missing
    opened = [_in(language, address + page) for page in pages or ADDRESSES for language in ("fr", "en")]
    done = run("look.mjs", _SCRIPT, {"pages": opened}, timeout=1800)
    told = [json.loads(line) for line in done.splitlines()]
    found: dict[str, list[str]] = {}
    for one in told:
        is_long = any(urlsplit(one["address"]).path.startswith(path) for path in LONG)
        heavy = [f"{one['bytes']} bytes"] if one.get("bytes", 0) > MOST_BYTES and not is_long else []
        for problem in one["problems"] + heavy:
            where = f"{one['width']} px, {one['scheme']}, {'with' if one['script'] else 'without'} script"
            found.setdefault(f"{one['address'].removeprefix(address)}: {problem}", []).append(where)
    lines = [f"{problem} ({'; '.join(sorted(where))})" for problem, where in found.items()]
    assert not lines, f"{len(lines)} problems\n  " + "\n  ".join(lines)
    return f"{len(opened)} pages in four looks each: no violation"


def _in(language: str, address: str) -> str:
    address = quote(address.replace("{lang}", language), safe=":/?&=%#,;+")
    return f"{address}{'&' if '?' in address else '?'}lang={language}"


if __name__ == "__main__":
    try:
        print(look(Path(), sys.argv[1].rstrip("/"), sys.argv[2:] or None))
    except AssertionError as problem:
        raise SystemExit(str(problem)) from None
