"""How Sphinx builds the documentation; build.py calls it for each language."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from sphinx.application import Sphinx

project = "clirld"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
myst_heading_anchors = 4
suppress_warnings = ["myst.header", "misc.highlighting_failure"]  # pages whose headings leave out a level
highlight_language = "none"
html_theme = "clirld"
html_theme_path = ["theme"]
html_title = "clirld"
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_permalinks_icon = "#"
smartquotes = False

_WORDS = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))

_PRE = re.compile(r"<pre>(.*?)</pre>", re.DOTALL)
_NO_HEADER = re.compile(r'<th class="head[^"]*"><p></p></th>')


def _page(app: Sphinx, name: str, _template: str, context: dict[str, Any], _tree: object) -> None:
    language = app.config.language
    words = {name: texts[language] for name, texts in _WORDS.items()}
    other = "fr" if language == "en" else "en"
    up = "" if language == "en" else "../"
    there = app.srcdir.parent / other / f"{name}.md"
    target = f"{name}.html" if there.is_file() or name == "search" else "index.html"
    other_page = f"fr/{target}" if language == "en" else f"../{target}"
    context |= {"w": words, "up": up, "other_language": other, "other_page": other_page}
    frame = f'<pre tabindex="0" role="group" aria-label="{words["code"]}">'
    body = context.get("body", "")
    # What scrolls sideways is reached by keyboard; code has no colours, whose classes would be others of the style.
    body = _PRE.sub(lambda code: f"{frame}{_plain(code[1])}</pre>", body)
    body = _NO_HEADER.sub("<td></td>", body)
    body = body.replace("<table", f'<div class="scroll" role="group" tabindex="0" aria-label="{words["table"]}"><table')
    context["body"] = body.replace("</table>", "</table></div>")


def _plain(code: str) -> str:
    return re.sub(r"</?span[^>]*>", "", code)


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("html-page-context", _page)
