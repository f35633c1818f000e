"""Texts of sources within lines of another language, marked for whoever has the page read aloud or translated."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

_SHORTEST = 3
"""Signs of a text that is looked for: what is shorter may be found anywhere."""


def marked(text: str, languages: Mapping[str, str]) -> Markup:
    """A line as HTML, in which each of these texts is said to be in its language: `<span lang="fr">…</span>`.

    A text may begin with a capital in the line, which it has not in the source. Of texts within another, the longer one
    is marked.
    """
    spans: list[tuple[int, int, str]] = []
    for foreign in sorted(languages, key=len, reverse=True):
        for form in {foreign, foreign[:1].upper() + foreign[1:]} if len(foreign) >= _SHORTEST else ():
            start = text.find(form)
            while start >= 0:
                end = start + len(form)
                if all(end <= first or start >= last for first, last, _language in spans):
                    spans.append((start, end, languages[foreign]))
                start = text.find(form, end)
    html, at = Markup(""), 0
    for start, end, language in sorted(spans):
        html += escape(text[at:start]) + Markup('<span lang="{}">{}</span>').format(language, text[start:end])
        at = end
    return html + escape(text[at:])
