"""Build the documentation as a site: python docs/site/build.py OUT

English in OUT, French in OUT/fr: plain files that need no server, no script but the search's, and nothing from
elsewhere. Ends with 1 where a link between pages, or its anchor, leads nowhere. `external-links.txt` lists those to
elsewhere, which are not asked.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import build_main
from stage import LANGUAGES, PROJECT, external_links, stage

_HERE = Path(__file__).resolve().parent
_UNUSED = (".buildinfo*", "objects.inv", "basic.css", "pygments.css", "file.png", "minus.png", "plus.png")
_STATIC = PROJECT / "src" / "clirld" / "web" / "static"


def main(out: Path) -> int:
    """Build both; gives an exit code."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        made = stage(scratch / "source")
        for language in LANGUAGES:
            own = scratch / "site" / ("" if language == "en" else language)
            options = [
                "-q",
                "-W",
                "--keep-going",
                "-b",
                "html",
                "-c",
                str(_HERE),
                "-d",
                str(scratch / f"trees-{language}"),
            ]
            failed = build_main([*options, "-D", f"language={language}", str(scratch / "source" / language), str(own)])
            if failed:
                return failed
            _look(own / "_static")
            _without_eval(own / "_static" / "doctools.js")
        site = scratch / "site"
        links = sorted({f"{link}\t{page}" for link, page in external_links(made)})
        (site / "external-links.txt").write_text("\n".join(links) + "\n", encoding="utf-8")
        for left in _UNUSED:
            for path in site.rglob(left):
                path.unlink()
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(site, out)
    return 0


def _look(static: Path) -> None:
    """The look is that of the server's pages, with addresses that hold without it."""
    style = (_STATIC / "style.css").read_text(encoding="utf-8").replace('url("/static/', 'url("')
    (static / "style.css").write_text(style, encoding="utf-8")
    for path in (*_STATIC.glob("ysabeau-office.*"), _STATIC / "icon.svg"):
        shutil.copy2(path, static / path.name)


def _without_eval(script: Path) -> None:
    """The plural of French as a function and not as text that is made one, which the server's policy forbids."""
    text = script.read_text(encoding="utf-8")
    plain, found = re.subn(r"new Function\([^;]*\);", "(n) => (n > 1 ? 1 : 0);", text)
    assert found == 1, "Sphinx's doctools.js is another: look how it makes plurals"
    script.write_text(plain, encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
