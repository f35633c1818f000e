"""The diagram of the ontology: `make diagram` writes `ontology/diagram.fr.svg` and `ontology/diagram.en.svg`.

in: the links between classes that the mapping makes, in words; out: an SVG for each language, laid out by Graphviz
(https://graphviz.org; its neato), the same bytes for the same links and the same version of it. Sizes of texts are
estimated, with room to spare. `tests/web/test_ontology_diagram.py` holds the files to the links, and boxes and labels
apart from each other; where dot is there, to what it makes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path
from typing import Any

from clirld.project import Project
from clirld.settings import Settings
from clirld.web.vocabulary_pages import LANGUAGES, Link, links

SIZE, LINE, MARGIN = 14, 18, 16
"""Of the letters, of a line of text and around the whole, in pixels."""
WIDTH = {"name": 8.0, "label": 6.9}
"""Of a letter, at most, on the average of a text."""
_STYLE = (
    "text{font:520 14px 'Ysabeau Office',sans-serif;text-anchor:middle;fill:var(--soft,#4d5a53)}"
    ".label{paint-order:stroke;stroke:var(--paper,#fff);stroke-width:4px}"
    ".name{font-weight:640;fill:var(--accent,#0f5a3d)}path{fill:none;stroke:var(--rule,#74827b);stroke-width:1.2}"
    "polygon{fill:var(--rule,#74827b)}rect{fill:var(--tint,#f2f6f3);stroke:var(--accent,#0f5a3d)}"
    "a:hover rect,a:focus rect{fill:var(--wash,#e3eee7);stroke-width:2.5}"
)


def version() -> str:
    """Which dot there is, as `dot - graphviz version 2.43.0 (0)`; empty where there is none."""
    if not shutil.which("dot"):
        return ""
    return subprocess.run(["dot", "-V"], capture_output=True, text=True, check=True).stderr.strip()


def diagram(found: Iterable[Link], title: str, own: set[str], names: Mapping[str, str]) -> str:
    """The SVG of links; `own` are the classes that have a place of their own on the page, `names` their words."""
    labels: dict[tuple[str, str], list[str]] = {}
    for link in found:
        labels.setdefault((link.start, link.end), []).append(link.label)
    laid_out = _laid_out(_graph(labels, names))
    height = float(laid_out["bb"].split(",")[3])
    nodes = {str(one["name"]): one for one in laid_out["objects"]}
    lines = [_line(edge, height) for edge in laid_out["edges"]]
    boxes = [_box(nodes[name], height, names, own) for name in sorted(nodes.keys() & names.keys())]
    texts = [
        _text("label", *_point(nodes[str(number)]["pos"], height), said)
        for number, (_ends, said) in enumerate(sorted(labels.items()))
    ]
    wide, high = float(laid_out["bb"].split(",")[2]) + 2 * MARGIN, height + 2 * MARGIN
    return (
        f'<svg viewBox="{-MARGIN} {-MARGIN} {wide:.0f} {high:.0f}" width="{wide:.0f}" height="{high:.0f}" role="group" '
        f'aria-label="{escape(title)}" xmlns="http://www.w3.org/2000/svg" data-made-by="{escape(version())}">'
        f"<style>{_STYLE}</style>\n" + "\n".join([*lines, *boxes, *texts]) + "\n</svg>\n"
    )


def _graph(labels: Mapping[tuple[str, str], list[str]], names: Mapping[str, str]) -> str:
    """The graph in dot's language. A label is a node too, with the room that it takes: so lines are led around it."""
    lines = [
        "digraph {",
        'graph [overlap=vpsc, sep="+7", esep="+3", splines=true, start=7];',
        'node [shape=box, fixedsize=true, label=""];',
    ]
    for name in sorted({one for pair in labels for one in pair}):
        lines.append(f'"{name}" [width={_room("name", [names[name]]) / 72:.3f}, height=0.42];')
    for number, ((start, end), texts) in enumerate(sorted(labels.items())):
        wide, high = _room("label", texts) / 72, LINE * len(texts) / 72
        lines.append(f'"{number}" [width={wide:.3f}, height={high:.3f}];')
        lines.append(f'"{start}" -> "{number}" [dir=none]; "{number}" -> "{end}";')
    return "\n".join([*lines, "}"])


def _room(kind: str, texts: Iterable[str]) -> float:
    return max(len(text) for text in texts) * WIDTH[kind] + (20 if kind == "name" else 8)


def _laid_out(graph: str) -> dict[str, Any]:
    said = subprocess.run(["neato", "-Tjson"], input=graph, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def _point(text: str, height: float) -> tuple[float, float]:
    x, y = map(float, text.split(","))
    return x, height - y


def _line(edge: Mapping[str, Any], height: float) -> str:
    """The path of an edge, and its head where it has one. `e,x,y` is the tip, then come points of Bézier curves."""
    tips = [_point(one[2:], height) for one in edge["pos"].split(" ") if one.startswith("e,")]
    at = [_point(one, height) for one in edge["pos"].split(" ") if not one.startswith("e,")]
    first, *rest = [f"{one[0]:.1f} {one[1]:.1f}" for one in at]
    path = f'<path d="M{first}C{" ".join(rest)}"/>'
    if not tips:
        return path
    (x, y), (tip_x, tip_y) = at[-1], tips[0]
    across, down = (tip_y - y) * 0.42, (x - tip_x) * 0.42
    head = f"{tip_x:.1f},{tip_y:.1f} {x + across:.1f},{y + down:.1f} {x - across:.1f},{y - down:.1f}"
    return f'{path}<polygon points="{head}"/>'


def _box(node: Mapping[str, Any], height: float, names: Mapping[str, str], own: set[str]) -> str:
    x, y = _point(node["pos"], height)
    wide, high = float(node["width"]) * 72, float(node["height"]) * 72
    name = str(node["name"])
    return (
        f'<a href="#{name if name in own else "classes"}"><rect x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" '
        f'width="{wide:.1f}" height="{high:.1f}" rx="3"/>{_text("name", x, y, [names[name]])}</a>'
    )


def _text(kind: str, x: float, y: float, texts: list[str]) -> str:
    top = y - LINE * (len(texts) - 1) / 2 + SIZE * 0.34
    return "".join(
        f'<text class="{kind}" x="{x:.1f}" y="{top + LINE * number:.1f}">{escape(text)}</text>'
        for number, text in enumerate(texts)
    )


def made() -> dict[str, str]:
    """The SVG of each language, as dot makes it now."""
    project = Project.load(Settings.from_environment())
    said = links(project.settings.ontology, project.mapping)
    return {language: diagram(one.links, one.title, one.own, one.names) for language, one in said.items()}


def path(language: str) -> Path:
    """Where the diagram of a language lies."""
    return Settings.from_environment().ontology / f"diagram.{language}.svg"


if __name__ == "__main__":
    if not version():
        raise SystemExit("there is no dot: install graphviz")
    for language, text in made().items():
        assert language in LANGUAGES
        path(language).write_text(text, encoding="utf-8")
