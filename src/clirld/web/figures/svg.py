"""Drawings as SVG 1.1 that stand alone: in a page, a report or a print, without a style sheet, a script or a font.

Text is written in no size under 14: who shows a drawing smaller than it is asks for a narrower one instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Literal

ThemeName = Literal["light", "dark"]
TEXT, SMALL, TITLE = 15, 14, 20
"""Sizes of text."""
NARROW, WIDE, WIDEST = 340, 720, 1400
MARGIN = 16
_FONT = "'Ysabeau Office','Gill Sans',Candara,Calibri,'Segoe UI',sans-serif"
_LETTER = 0.53
"""Of the size: the mean width of a letter, somewhat above that of the fonts named."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, those of `static/style.css`."""

    paper: str
    ink: str
    soft: str
    line: str
    rule: str
    land: str
    fill: str
    public: str


THEMES: dict[ThemeName, Theme] = {
    "light": Theme("#ffffff", "#15211b", "#4d5a53", "#cfd8d2", "#74827b", "#dfe8e2", "#4b8f70", "#0f5a3d"),
    "dark": Theme("#101613", "#e6ede9", "#a9b7b0", "#303c36", "#7b8a83", "#27322c", "#57a17e", "#86d3ab"),
}


@dataclass(slots=True)
class Sheet:
    """A drawing that grows downwards: its title, what is put on it, and where it comes from."""

    title: str
    description: str
    language: str
    theme: Theme
    width: int
    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return self.width - 2 * MARGIN

    def head(self) -> None:
        """Write the title."""
        self.paragraph(self.title, TITLE, weight=640)
        self.y += 6

    def paragraph(self, words: str, size: int = SMALL, *, weight: int = 520, soft: bool = False) -> None:
        """Write text below what is there, in as many lines as it takes."""
        colour = self.theme.soft if soft else self.theme.ink
        for line in wrapped(words, self.inner, size):
            self.y += size * 1.3
            self.parts.append(text(MARGIN, self.y - size * 0.3, line, size, colour, weight=weight))

    def foot(self, lines: Iterable[str]) -> None:
        """Write where the drawing comes from."""
        self.y += 10
        self.parts.append(rule(MARGIN, self.y, self.width - MARGIN, self.y, self.theme.line))
        self.y += 4
        for line in lines:
            self.paragraph(line, soft=True)

    def legend(self, entries: Iterable[tuple[str, str]]) -> None:
        """Write what marks mean, side by side as far as there is room: each a drawing of 12 by 18, and its words."""
        self.y += 8
        x: float = MARGIN
        for look, words in entries:
            lines = wrapped(words, self.inner - 18, SMALL)
            width = 18 + max(width_of(line, SMALL) for line in lines) + 16
            if x > MARGIN and x + width - 16 > self.width - MARGIN:
                x, self.y = MARGIN, self.y + 22
            self.parts.append(f'<g transform="translate({x:g} {self.y:g})">{look}</g>')
            for k, line in enumerate(lines):
                self.parts.append(text(x + 18, self.y + 14 + k * 18, line, SMALL, self.theme.ink))
            self.y += (len(lines) - 1) * 18
            x += width if len(lines) == 1 else self.width
        self.y += 24

    def document(self) -> str:
        """The file."""
        height = round(self.y + MARGIN)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{height}" '
            f'viewBox="0 0 {self.width} {height}" role="img" aria-labelledby="title desc" xml:lang="{self.language}" '
            f'font-family="{_FONT}">\n<title id="title">{escape(self.title)}</title>\n'
            f'<desc id="desc">{escape(self.description)}</desc>\n'
            f'<rect width="{self.width}" height="{height}" fill="{self.theme.paper}"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )


def text(
    x: float, y: float, words: str, size: int, colour: str, *, weight: int = 520, anchor: str = "start"
) -> str:  # fmt: skip
    """One line of text."""
    at = f'x="{x:.4g}" y="{y:.5g}"'
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text {at} font-size="{size}" font-weight="{weight}" fill="{colour}"{where}>{escape(words)}</text>'


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    """A straight line."""
    at = f'x1="{x1:.5g}" y1="{y1:.5g}" x2="{x2:.5g}" y2="{y2:.5g}"'
    return f'<line {at} stroke="{colour}" stroke-width="{width:g}"/>'


def rectangle(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A filled rectangle."""
    return f'<rect x="{x:.5g}" y="{y:.5g}" width="{width:.5g}" height="{height:.5g}" fill="{colour}"/>'


def width_of(words: str, size: int) -> float:
    """About how wide a text is."""
    return len(words) * size * _LETTER


def wrapped(words: str, width: float, size: int) -> list[str]:
    """A text in lines of some width, cut between words and never within one; non-breaking spaces hold."""
    lines: list[str] = []
    for word in words.split(" "):
        if lines and width_of(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        elif word:
            lines.append(word)
    return lines


FORMS = ("circle", "triangle", "diamond", "wedge")
"""Of marks: what is not a public actor, whose mark is the square."""


def mark(form: str, x: float, y: float, size: float) -> str:
    """The path of a mark around a position, as a part of the attribute `d`."""
    half = size / 2
    if form == "triangle":
        return f"M{x:g} {y - half:g}l{half:g} {size:g}h{-size:g}z"
    if form == "wedge":
        return f"M{x:g} {y + half:g}l{-half:g} {-size:g}h{size:g}z"
    if form == "square":
        return f"M{x - half:g} {y - half:g}h{size:g}v{size:g}h{-size:g}z"
    if form == "diamond":
        return f"M{x:g} {y - half:g}l{half:g} {half:g}l{-half:g} {half:g}l{-half:g} {-half:g}z"
    return f"M{x - half:g} {y:g}a{half:g} {half:g} 0 1 0 {size:g} 0a{half:g} {half:g} 0 1 0 {-size:g} 0z"


def marks(paths: Sequence[str], theme: Theme, *, hollow: bool) -> str:
    """Marks of one kind: filled, or hollow."""
    look = f'fill="{theme.paper}" stroke="{theme.ink}" stroke-width="1.2"' if hollow else f'fill="{theme.ink}"'
    return f'<path d="{"".join(paths)}" {look}/>'
