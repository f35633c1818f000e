"""Texts of sources within lines of another language, marked for whoever has the page read aloud or translated."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from clirld.french import spaced
from clirld.query.failure import Language

_SHORTEST = 3
"""Signs of a text that is looked for: what is shorter may be found anywhere."""


def marked(text: str, languages: Mapping[str, str], language: Language) -> Markup:
    """A line as HTML, in which each of these texts is said to be in its language: `<span lang="fr">…</span>`.

    `language` is that of the line. A text may begin with a capital in the line, which it has not in the source. Of
    texts within another, the longer one is marked.
    """
    spans: list[tuple[int, int, str]] = []
    there = (one for one in languages if _SHORTEST <= len(one) <= len(text) and one[1:] in text)
    for foreign in sorted(there, key=len, reverse=True):
        for form in {foreign, foreign[:1].upper() + foreign[1:]}:
            start = text.find(form)
            while start >= 0:
                end = start + len(form)
                if all(end <= first or start >= last for first, last, _language in spans):
                    spans.append((start, end, languages[foreign]))
                start = text.find(form, end)
    html, at = Markup(""), 0
    for start, end, own in sorted(spans):
        html += escape(text[at:start]) + Markup('<span lang="{}">{}</span>').format(own, text[start:end])
        at = end
    html += escape(text[at:])
    return Markup(spaced(html)) if language == "fr" else html  # noqa: S704, spaces alone are changed
