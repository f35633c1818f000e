"""The example queries: queries/*.rq, whose first comments are their title and question in two languages.

    # title-fr: …      # title-en: …      what it gives, in a few words
    # question-fr: …   # question-en: …   the question it answers, as a person would ask it
    # keywords-fr: …   # keywords-en: …   words that it may be found by, with commas between them; may be left out

A line that starts with `#` and spaces goes on with the one before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from clirld.errors import QueryError

_HEADER_LINE = re.compile(r"# (title|question|keywords)-(fr|en): (.+)")
_PAUSE = re.compile(r" (?=[:;?!»])|(?<=«) ")
"""Where French has a space at which no line may break."""
_REQUIRED = {"title-fr", "title-en", "question-fr", "question-en"}


@dataclass(frozen=True, slots=True)
class Example:
    """One example query. `text` is the file without its header."""

    name: str
    title: dict[str, str]
    question: dict[str, str]
    keywords: dict[str, list[str]]
    text: str


def load(path: Path) -> list[Example]:
    """All examples of a folder, by name; none where there is no folder.

    Raises QueryError on a wrong header.
    """
    return [_example(file) for file in sorted(path.glob("*.rq"))]


def _example(file: Path) -> Example:
    header: dict[str, str] = {}
    key = ""
    lines = file.read_text(encoding="utf-8").splitlines()
    while lines and lines[0].startswith("#"):
        line = lines.pop(0)
        if match := _HEADER_LINE.fullmatch(line):
            key = f"{match[1]}-{match[2]}"
            header[key] = match[3].strip()
        elif key:
            header[key] += " " + line.lstrip("# ").strip()
    if missing := _REQUIRED - header.keys():
        raise QueryError(
            f"the header has no {', '.join(sorted(missing))}",
            where=str(file),
            do="begin the file with: # title-fr: …, # title-en: …, # question-fr: …, # question-en: …",
        )
    header |= {key: _PAUSE.sub("\N{NO-BREAK SPACE}", text) for key, text in header.items() if key.endswith("-fr")}
    return Example(
        file.stem,
        {language: header[f"title-{language}"] for language in ("fr", "en")},
        {language: header[f"question-{language}"] for language in ("fr", "en")},
        {
            language: [word.strip() for word in header.get(f"keywords-{language}", "").split(",") if word.strip()]
            for language in ("fr", "en")
        },
        "\n".join(lines).strip() + "\n",
    )
