"""How good the data of a source is from release to release: the plots of `/quality/{source}`, as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from clirld.query.failure import Failure, Language
from clirld.web import number_formats, protocol, quality
from clirld.web.figures.picture import Column, Option, Picture
from clirld.web.figures.svg import MARGIN, SMALL, TEXT, Sheet, rule, text
from clirld.web.release import ServedRelease

QUALITY = "source-quality"


def picture(
    release: ServedRelease, source: str, language: Language, say: Mapping[str, str], labels: Mapping[str, str],
    titles: Mapping[str, str],
) -> Picture:  # fmt: skip
    """What is followed of a source. Raises protocol.Refused where nothing is known of it."""
    history = [row for row in quality.over_releases(release.folder) if row["source"] == source]
    if not history:
        raise protocol.Refused(Failure("no-figure"))
    plots = {one: quality.plot([row[one] for row in history], is_share=one != "age") for one in quality.SERIES}
    known = {one: plot for one, plot in plots.items() if plot["count"]}
    spans = {one: _span(labels[f"quality_{one}"], plot, one, language, say) for one, plot in known.items()}
    options: list[Option] = [(f"source={one}", titles.get(one, one), one == source) for one in release.sources]
    return Picture(
        QUALITY,
        f"source={source}",
        say["quality_title"].format(name=titles.get(source, source)),
        say["quality_description"].format(count=len(history), listed="; ".join(spans.values())),
        [Column("release", say["release"], is_number=False), Column("created", say["made"], is_number=False),
         *(Column(one, labels[f"quality_{one}"], is_share=one != "age") for one in quality.SERIES)],
        [[row["release"], str(row["created"] or "")[:10], *(row[one] for one in quality.SERIES)] for row in history],
        partial(_draw, plots=list(known.values()), spans=list(spans.values())),
        [source],
        options=[(say["other_sources"], options)],
    )  # fmt: skip


def _span(name: str, plot: Mapping[str, Any], series: str, language: Language, say: Mapping[str, str]) -> str:
    def words(value: float) -> str:
        return number_formats.number(value, language) if series == "age" else number_formats.percent(value, language)

    return say["quality_span"].format(name=name, first=words(plot["first"]), last=words(plot["last"]))


def _draw(sheet: Sheet, plots: Sequence[Mapping[str, Any]], spans: Sequence[str]) -> None:
    """The plots below each other, each with its name and its range in words."""
    width, height, margin = quality.WIDTH, quality.HEIGHT, quality.MARGIN
    scale = (sheet.inner - 8) / width
    for plot, span in zip(plots, spans, strict=True):
        sheet.y += 8
        sheet.paragraph(span, TEXT)
        base = sheet.y + height
        for line in plot["lines"]:
            places = [tuple(map(float, one.split(","))) for one in line.split()]
            path = "M" + "L".join(f"{MARGIN + x * scale:.5g} {sheet.y + y:.5g}" for x, y in places)
            sheet.parts.append(f'<path d="{path}" fill="none" stroke="{sheet.theme.fill}" stroke-width="2.5"/>')
        for x, y in plot["dots"]:
            at = f'cx="{MARGIN + x * scale:.5g}" cy="{sheet.y + y:.5g}"'
            sheet.parts.append(f'<circle {at} r="4" fill="{sheet.theme.ink}"/>')
        bottom = base - margin
        sheet.parts.append(rule(MARGIN, bottom, sheet.width - MARGIN, bottom, sheet.theme.line))
        sheet.parts.append(text(MARGIN, bottom + SMALL + 3, "0", SMALL, sheet.theme.soft))
        sheet.y = bottom + SMALL + 12
