"""A network in three columns: a thing, its neighbours, what lies beyond; on a narrow sheet the first two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clirld.web.figures.svg import MARGIN, SMALL, Sheet, mark, text, width_of, wrapped

_ROOMY = 560
"""Width from which the third column is drawn."""
_GAP = 10
_MARK = 11
_INDENT = 18


@dataclass(frozen=True, slots=True)
class Node:
    """A thing as it is drawn."""

    iri: str
    label: str
    form: str


@dataclass(frozen=True, slots=True)
class Line:
    """From a node to one of the next column."""

    start: str
    end: str


@dataclass(frozen=True, slots=True)
class _Placed:
    node: Node
    x: float
    y: float
    """Of the middle of its mark."""
    lines: list[str]

    @property
    def right(self) -> float:
        """Where its text ends."""
        return self.x + _INDENT + max(width_of(line, SMALL) for line in self.lines) + 4


def columns(
    sheet: Sheet,
    nodes: tuple[Sequence[Node], Sequence[Node], Sequence[Node]],
    lines: Sequence[Line],
    words: tuple[str, str, str],
) -> None:
    """Draw the nodes and the lines between them; `words` are what a square, a round and a diamond are."""
    is_roomy = sheet.width >= _ROOMY and bool(nodes[2])
    shares = (0.2, 0.36, 0.3) if is_roomy else (0.36, 0.52, 0)
    between = sheet.inner * (1 - sum(shares)) / (2 if is_roomy else 1)
    top, left = sheet.y + 16, float(MARGIN)
    placed: list[list[_Placed]] = []
    for column, share in zip(nodes if is_roomy else nodes[:2], shares, strict=False):
        placed.append(_stacked(column, left, top, sheet.inner * share))
        left += sheet.inner * share + between
    height = max((_height(column) for column in placed), default=0)
    placed = [_moved(column, (height - _height(column)) / 2) for column in placed]
    at = {(n, one.node.iri): one for n, column in enumerate(placed) for one in column}
    for line in lines:
        for n in range(len(placed) - 1):
            start, end = at.get((n, line.start)), at.get((n + 1, line.end))
            if start and end:
                sheet.parts.append(_curve(sheet, start, end))
    for one in (one for column in placed for one in column):
        colour = sheet.theme.public if one.node.form == "square" else sheet.theme.ink
        sheet.parts.append(f'<path d="{mark(one.node.form, one.x, one.y, _MARK)}" fill="{colour}"/>')
        for k, words_of_line in enumerate(one.lines):
            y = one.y + 5 + k * SMALL * 1.2
            weight = 660 if one in placed[0] else 520
            sheet.parts.append(text(one.x + _INDENT, y, words_of_line, SMALL, sheet.theme.ink, weight=weight))
    sheet.y = top + height + 4
    forms = {one.node.form for column in placed for one in column}
    looks = [(form, label) for form, label in zip(("square", "circle", "diamond"), words, strict=True) if form in forms]
    colours = {"square": sheet.theme.public}
    sheet.legend(
        [(f'<path d="{mark(form, 6, 9, _MARK)}" fill="{colours.get(form, sheet.theme.ink)}"/>', label)
         for form, label in looks]
    )  # fmt: skip


def _stacked(nodes: Sequence[Node], left: float, top: float, width: float) -> list[_Placed]:
    placed, y = [], top
    for node in nodes:
        lines = wrapped(node.label, width - _INDENT, SMALL) or [node.iri]
        placed.append(_Placed(node, left + _MARK / 2, y + SMALL * 0.6, lines))
        y += len(lines) * SMALL * 1.2 + _GAP
    return placed


def _height(column: Sequence[_Placed]) -> float:
    return sum(len(one.lines) * SMALL * 1.2 + _GAP for one in column)


def _moved(column: Sequence[_Placed], down: float) -> list[_Placed]:
    return [_Placed(one.node, one.x, one.y + down, one.lines) for one in column]


def _curve(sheet: Sheet, start: _Placed, end: _Placed) -> str:
    """From the end of a text to a mark."""
    x1, x2 = start.right, end.x - _MARK
    middle = (x1 + x2) / 2
    path = f"M{x1:.5g} {start.y:.5g}C{middle:.5g} {start.y:.5g} {middle:.5g} {end.y:.5g} {x2:.5g} {end.y:.5g}"
    return f'<path d="{path}" fill="none" stroke="{sheet.theme.rule}" stroke-width="1.1"/>'
