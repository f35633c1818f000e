"""Ask the registered queries of a release, and hold it back where one that held would break."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clirld import stages, yamlfile
from clirld.errors import DataError, QueryError, ReleaseError, UsageError
from clirld.query.failure import Language
from clirld.query.files import registered
from clirld.query.files.registered import Finding, Given, Registered
from clirld.query.run import run
from clirld.settings import Settings


def ask(settings: Settings, release: Path) -> Iterator[tuple[Registered, Given]]:
    """What each registered query gets from the release in a folder. Raises QueryError where a file is wrong."""
    for query in registered.load(settings.queries):
        gives = _answer(settings, release, query)
        if query.seconds is not None and gives.error is None and gives.seconds > query.seconds:
            gives = _answer(settings, release, query)  # once slow says little on a busy machine
        yield query, gives


def _answer(settings: Settings, release: Path, query: Registered) -> Given:
    start = time.monotonic()
    limits: dict[str, Any] = {"timeout": settings.query_timeout, "memory": settings.query_memory}
    try:
        answer = run(release, query.text, "text/csv", **limits)
    except QueryError as problem:
        return Given(error={"en": problem.what, "fr": problem.fr or problem.what})
    return registered.given(answer, time.monotonic() - start)


def check(settings: Settings, release: Path, before: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """What the manifest of a release says of the registered queries: what each relies on, gets, and lacks.

    `before` is the manifest of the release before. A query that it gave all that is relied on, or all but what somebody
    has accepted, and that would now lack something more, holds the release back: raises ReleaseError. One that lacked
    something already, or is newly registered, is told of and holds nothing back.
    """
    held_before = {one["id"]: one for one in (before or {}).get("registered", [])}
    told, broken = [], []
    for query, gives in ask(settings, release):
        found = registered.findings(query, gives)
        word = accepted(settings.data, query, found) if found else None
        last: Any = held_before.get(query.id)
        is_known = last is not None and last["fingerprint"] == query.fingerprint
        if found and not word and is_known and (not last["lacks"] or last["accepted"]):
            broken.append((query, found))
        told.append(
            {
                "id": query.id,
                "title": dict(query.title),
                "by": query.by,
                "contact": query.contact,
                "query": query.text,
                "relies": {"columns": list(query.columns), "rows": query.rows, "seconds": query.seconds},
                "rows": gives.rows,
                "lacks": [one.as_json() for one in found],
                "accepted": word,
                "fingerprint": query.fingerprint,
            }
        )
    _remember(settings.data, broken)
    if broken:
        raise _held_back(settings, broken)
    return told


def sentence(finding: Finding, language: Language) -> str:
    """A finding in words."""
    numbers = {name: f"{number:g}" for name in ("relied", "given") if (number := getattr(finding, name)) is not None}
    said = (finding.said or {}).get(language, "")
    return str(_messages()[finding.kind][language]).format(of=finding.of, said=said, **numbers)


def _messages() -> Any:
    return yamlfile.shipped(__package__, "messages.yaml")


def _held_back(settings: Settings, broken: list[tuple[Registered, list[Finding]]]) -> ReleaseError:
    query, found = broken[0]
    others = [one.id for one, _found in broken[1:]]

    def words(name: str, language: Language) -> str:
        said = "; ".join(sentence(one, language) for one in found)
        text = str(_messages()[name][language])
        return text.format(id=query.id, by=query.by, contact=query.contact, findings=said)

    def whole(language: Language) -> str:
        more = str(_messages()["more"][language]).format(count=len(others), ids=", ".join(others)) if others else ""
        return words("break", language) + more

    where = str(settings.queries / registered.FOLDER / f"{query.id}.yaml")
    return ReleaseError(whole("en"), where=where, do=words("do", "en"), fr=whole("fr"), do_fr=words("do", "fr"))


def _remember(data: Path, broken: list[tuple[Registered, list[Finding]]]) -> None:
    path = _folder(data) / "held.json"
    if broken:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = {
            one.id: {"fingerprint": one.fingerprint, "lacks": [it.as_json() for it in found]} for one, found in broken
        }
        stages.write_json(path, held)
    else:
        path.unlink(missing_ok=True)


def accept(settings: Settings, identifier: str, because: str, by: str, when: str | None = None) -> dict[str, Any]:
    """Keep a person's word that a release may break a registered query as the last one that was held would.

    Gives what is kept. Raises UsageError where no such query holds a release back.
    """
    path = _folder(settings.data) / "held.json"
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        held = {}
    if identifier not in held:
        raise UsageError(
            "no release is held back for a registered query of this name",
            where=identifier,
            do=f"held back for: {', '.join(sorted(held))}" if held else "leave out --query to accept a source",
        )
    when = when or datetime.now(UTC).isoformat(timespec="seconds")
    word = {"query": identifier, **held[identifier], "because": because, "by": by, "when": when}
    with (_folder(settings.data) / "accepted.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(word, ensure_ascii=False, sort_keys=True) + "\n")
    return word


def accepted(data: Path, query: Registered, found: list[Finding]) -> dict[str, str] | None:
    """Who has said that a query may lack that, or more than that, and why; None where nobody has."""
    path = _folder(data) / "accepted.jsonl"
    try:
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        fitting = [one for one in lines if one["query"] == query.id and one["fingerprint"] == query.fingerprint]
        for word in reversed(fitting):
            allowed = {(one["kind"], one.get("of", "")): one.get("given") for one in word["lacks"]}
            if all(_is_allowed(one, allowed) for one in found):
                return {name: str(word[name]) for name in ("because", "by", "when")}
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as problem:
        raise DataError(f"not whole: {problem!r}", where=str(path), do="take the broken line out") from problem
    return None


def _is_allowed(finding: Finding, allowed: Mapping[tuple[str, str], float | None]) -> bool:
    """Whether it is one that was accepted, and no worse: not fewer rows; how slow is accepted as it is."""
    if (finding.kind, finding.of) not in allowed:
        return False
    limit = allowed[finding.kind, finding.of]
    return finding.kind != "rows" or limit is None or (finding.given or 0) >= limit


def _folder(data: Path) -> Path:
    return data / "registered"
