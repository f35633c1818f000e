"""What the page of a thing of practice shows, by its kind."""

from __future__ import annotations

from typing import Any

from clirld.query.failure import Language
from clirld.web.practice.fields import concept_page
from clirld.web.practice.programmes import programme_page
from clirld.web.practice.story import process_page
from clirld.web.release import ServedRelease


def practice_context(
    release: ServedRelease, language: Language, kind: str, iri: str, region: str
) -> dict[str, Any] | None:
    """What the template of a process, a practice field, a need or a programme shows; None for any other thing.

    `region` narrows the initiatives of a practice field or a need to those of a region.
    """
    if kind == "process":
        return process_page(release, iri, language)
    if kind == "concept":
        return concept_page(release, iri, language, region)
    return programme_page(release, iri, language) if kind == "programme" else None
