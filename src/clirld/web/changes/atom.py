"""The last releases as an Atom feed (RFC 4287), for people."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from clirld import yamlfile
from clirld.query.failure import Language
from clirld.settings import BASE
from clirld.web import number_formats


def atom(summary: dict[str, Any], host: str, language: Language) -> str:
    """The releases of a summary of changes (`changes/summary.json`) as Atom, the newest first; links lead to `host`."""
    words = {name: text[language] for name, text in yamlfile.shipped("clirld.web", "labels.yaml").items()}
    releases = list(reversed(summary["releases"]))
    entries = []
    for one in releases:
        numbers = {name: number_formats.number(one[name], language) for name in ("added", "removed")}
        told = words["changes_numbers"].format(**numbers)
        if withdrawn := one.get("withdrawn"):
            told = words["changes_withdrawn"].format(
                number_formats.date(withdrawn["on"], language), withdrawn["because"]
            )
        address = escape(f"{host}/release/{one['id']}/changes?lang={language}")
        entries.append(
            f"<entry><id>{BASE}release/{one['id']}</id><title>{escape(words['release_one'])} {one['id']}</title>"
            f'<updated>{one["created"]}</updated><link href="{address}"/>'
            f"<summary>{escape(told)}</summary></entry>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{language}"><id>{BASE}changes</id>'
        f"<title>clirld – {escape(words['changes'])}</title><updated>{releases[0]['created']}</updated>"
        f"<author><name>clirld contributors</name></author>"
        f'<link rel="self" href="{escape(host)}/changes.atom"/><link href="{escape(host)}/changes"/>\n'
        + "\n".join(entries)
        + "\n</feed>\n"
    )
