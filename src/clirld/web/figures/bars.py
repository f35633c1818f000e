"""Bars: upright by year, lying by class. Each has its figure beside it, so that no axis has to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clirld.web.figures.svg import MARGIN, SMALL, TEXT, Sheet, rectangle, rule, text, width_of, wrapped

_HEIGHT = 240
_THICK = 22
_WIDEST = 64


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; an open one is of what is not known, as where no year is said."""

    label: str
    value: float
    figure: str
    is_open: bool = False
    part: float = 0
    """Of the value, what is counted in another way: drawn lighter, on top of the rest."""


def upright(sheet: Sheet, bars: Sequence[Bar], legend: tuple[str, str] | None = None) -> None:
    """Bars side by side on one line. Where labels would touch, only some are written, the first and last among them.

    `legend` says what bars and what their parts are.
    """
    most = max((bar.value for bar in bars), default=0) or 1
    base = sheet.y + 24 + _HEIGHT
    step = sheet.inner / max(1, len(bars))
    thick = min(step * 0.72, _WIDEST)
    widest = max((width_of(bar.label, SMALL) for bar in bars), default=0)
    every = max(1, int(-(-(widest + 6) // step)))
    for n, bar in enumerate(bars):
        middle = MARGIN + (n + 0.5) * step
        height = bar.value / most * _HEIGHT
        sheet.parts.append(_bar(sheet, middle - thick / 2, base - height, thick, height, is_open=bar.is_open))
        if bar.part:
            lighter = bar.part / most * _HEIGHT
            sheet.parts.append(_lighter(sheet, middle - thick / 2, base - height, thick, lighter))
        if bar.value:
            figure = text(middle, base - height - 6, bar.figure, TEXT, sheet.theme.ink, weight=640, anchor="middle")
            sheet.parts.append(figure)
        touches_last = every > 1 and n == len(bars) - 2 and bars[-1].is_open
        if bar.is_open or (n % every == 0 and not touches_last):
            room = step * (1.3 if bar.is_open else max(every, 1.3))
            for k, line in enumerate(wrapped(bar.label, room, SMALL)):
                y = base + 18 + k * SMALL * 1.2
                sheet.parts.append(text(middle, y, line, SMALL, sheet.theme.ink, anchor="middle"))
    sheet.parts.append(rule(MARGIN, base, sheet.width - MARGIN, base, sheet.theme.rule))
    sheet.y = base + 18 + 2 * SMALL * 1.2
    if legend:
        whole, part = legend
        sheet.legend([(rectangle(0, 3, 12, 12, sheet.theme.fill), whole), (_lighter(sheet, 0, 3, 12, 12), part)])


def lying(sheet: Sheet, bars: Sequence[Bar]) -> None:
    """Bars one below the other, each under its label, with its figure at its end."""
    most = max((bar.value for bar in bars), default=0) or 1
    room = sheet.inner - max((width_of(bar.figure, TEXT) for bar in bars), default=0) - 12
    for bar in bars:
        sheet.y += 8
        for line in wrapped(bar.label, sheet.inner, TEXT):
            sheet.y += TEXT * 1.25
            sheet.parts.append(text(MARGIN, sheet.y - 4, line, TEXT, sheet.theme.ink))
        length = bar.value / most * room
        sheet.parts.append(_bar(sheet, MARGIN, sheet.y + 2, max(length, 1.5), _THICK, is_open=bar.is_open))
        at = MARGIN + max(length, 1.5) + 8
        sheet.parts.append(text(at, sheet.y + 2 + _THICK * 0.72, bar.figure, TEXT, sheet.theme.ink, weight=640))
        sheet.y += _THICK + 4
    sheet.y += 4


def _lighter(sheet: Sheet, x: float, y: float, width: float, height: float) -> str:
    """Told apart without colour too: paper within a line."""
    at = f'x="{x + 1:.5g}" y="{y + 1:.5g}" width="{max(width - 2, 0):.5g}" height="{max(height - 2, 0):.5g}"'
    return f'<rect {at} fill="{sheet.theme.paper}" stroke="{sheet.theme.fill}" stroke-width="2"/>'


def _bar(sheet: Sheet, x: float, y: float, width: float, height: float, *, is_open: bool) -> str:
    if not is_open:
        return rectangle(x, y, width, height, sheet.theme.fill)
    at = f'x="{x + 1:.5g}" y="{y + 1:.5g}" width="{max(width - 2, 0):.5g}" height="{max(height - 2, 0):.5g}"'
    return f'<rect {at} fill="none" stroke="{sheet.theme.rule}" stroke-width="2" stroke-dasharray="5 4"/>'
