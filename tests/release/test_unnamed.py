"""Those who may not be named are nowhere in a release, nor in what is told of it: neither identifier nor name."""

from __future__ import annotations

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.harvest import outcome
from clirld.harvest.outcome import Harvest
from clirld.records.erasure import matching
from clirld.release.make import make_release
from clirld.search.index import FILE
from clirld.search.words import key
from tests.followed import Followed, followed

HEADER = "id,nom,code,siren,site,diffusion,pays"
CARD = {
    "      site: homepage\n": "      site: homepage\n      diffusion: ~\n      pays: ~\n",
    "    constants:": "    keep:\n      pays: [FR]\n      diffusion: [O]\n    listed: [pays]\n"
    "    withhold: {withheld7q: natural-person}\n    constants:",
}
UNNAMED = {
    "undiffused7q": "undiffused7q,Chez Ursule Quelconque,39300,,,N,FR",
    "undiffusedabroad7q": "undiffusedabroad7q,Chez Ursule Lointaine,39300,,,N,BE",
    "withheld7q": "withheld7q,Chez Victor Quelconque,39300,,ftp:pas-une-adresse,O,FR",
    "erased7q": "erased7q,Chez Zénobie Quelconque,39300,552100554,,O,FR",
    "personal7q": "personal7q,Chez Mme Jeanne Quelconque,39300,,pas une adresse,O,FR",
}
WORDS = (*UNNAMED, "Ursule", "Victor", "Zénobie", "Jeanne", "552100554")
OTHERS = [f"{n},Le lieu {'abcdefgh'[n]},39300,,,O,FR" for n in range(8)]
NAMED = ["abroad7q,Le lieu lointain,39300,,,O,BE", "nameless7q,,39300,,,O,FR"]


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    found = followed(tmp_path, monkeypatch)
    found.settings = replace(found.settings, erasure_key="a key that nobody can guess")
    found.card(**CARD)
    return found


def run(source: Followed, rows: list[str], day: str) -> Harvest:
    source.write(rows, header=HEADER)
    return source.run(day=day)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file of a release as text, unpacked, and its store as N-Quads."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "store" not in path.relative_to(folder).parts:
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            yield str(path.relative_to(folder)), content.decode("utf-8", "replace")
    store = ox.Store.read_only(str(folder / "store"))
    yield "store", "\n".join(map(str, store))
    with closing(sqlite3.connect(folder / FILE)) as index:
        index.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, text, row)")
        yield "words", " ".join(word for (word,) in index.execute("SELECT term FROM words"))


def mentions(folder: Path) -> list[tuple[str, str]]:
    words = [*WORDS, *(key(word) for word in WORDS)]  # as the search folds them
    return [(name, word) for name, text in texts(folder) for word in words if word in text]


def accounts(source: Followed) -> list[Path]:
    """Every account on the disk, of whatever stage."""
    return sorted(source.settings.data.rglob("*account.json"))


def test_a_release_counts_them_and_names_none(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    matching.add_request(source.settings, "record", "erased7q", "asked by letter", "me", "lieux")
    made = run(source, [*OTHERS, *UNNAMED.values(), *NAMED], "2026-01-01")
    summary = made.account.summary()
    assert summary["reasons"] == {
        "held": {"PersonalData": 1},
        "dropped": {
            "erased": 1, "missing-name": 1, "natural-person": 1, "not-kept-diffusion": 2, "not-kept-pays": 1,
        },
    }  # fmt: skip
    release, _new = make_release(source.project)
    assert mentions(release.folder) == []
    whole = dict(texts(release.folder))
    for name in ("abroad7q", "nameless7q"):  # that the scan would find what is there
        assert name in whole["store"]
    assert " lieu " in whole["words"]
    assert "abroad7q" not in whole["reports/lieux.issues.jsonl"]
    assert '"not-kept-diffusion"' in whole["store"]
    # nor is anything said of their rows
    first = len(OTHERS) + 2
    rows = range(first, first + len(UNNAMED))
    told = (made.records / "issues.jsonl").read_text(encoding="utf-8")
    assert f'"row": {rows[-1]},' in told  # the one of which it is only known later that it may not be named
    assert not any(f'"row": {row},' in whole["reports/lieux.issues.jsonl"] for row in rows)
    assert "records held back, counted and not named" in whole["reports/lieux.ttl"]
    assert [word for path in accounts(source) for word in WORDS if word in path.read_text(encoding="utf-8")] == []
    for name, value in (("SOURCES", source.settings.sources), ("DATA", source.settings.data), ("LANGUAGE", "en")):
        monkeypatch.setenv(f"CLIRLD_{name}", str(value))
    monkeypatch.setenv("CLIRLD_ERASURE_KEY", source.settings.erasure_key)
    for command in (
        ["issues", "lieux", "--json"],
        ["issues", "lieux"],
        ["run", "lieux", "--json"],
        ["releases", "--json"],
    ):
        told = CliRunner().invoke(app.app, command)
        assert told.exit_code == 0, told.output
        assert [word for word in WORDS if word in told.output] == []
    told = CliRunner().invoke(app.app, ["issues", "lieux"])
    assert "1 records held back" in told.output.replace("\n", " ")


def test_who_is_withdrawn_leaves_no_trace_and_is_not_missing(source: Followed) -> None:
    """Published once; then the source says that it may not be: a tombstone would name it for ever."""
    before = [line.replace(",N,", ",O,") for line in (UNNAMED["undiffused7q"], *OTHERS)]
    run(source, before, "2026-01-01")
    assert any("undiffused7q" in quad for quad in source.lines())
    made = run(source, [UNNAMED["undiffused7q"], *OTHERS], "2026-01-02")
    release, _new = make_release(source.project)
    assert mentions(release.folder) == []
    assert (made.account.summary()["missing"], made.account.summary()["gone"]) == (0, 0)
    assert b"undiffused7q" not in (made.records / "presence.parquet").read_bytes()
    # and comes back as any other
    run(source, before, "2026-01-03")
    assert any("record/lieux-undiffused7q>" in quad for quad in source.lines())


def test_who_had_vanished_and_is_withdrawn_when_it_comes_back(source: Followed) -> None:
    source.card("grace: 0\n", **CARD)
    before = [line.replace(",N,", ",O,") for line in (UNNAMED["undiffused7q"], *OTHERS)]
    run(source, before, "2026-01-01")
    run(source, OTHERS, "2026-01-02")
    assert any("undiffused7q" in quad for quad in source.lines())
    run(source, [UNNAMED["undiffused7q"], *OTHERS], "2026-01-03")
    assert not any("undiffused7q" in quad for quad in source.lines())


def test_what_a_card_may_name_leaves_a_tombstone(source: Followed) -> None:
    run(source, [*OTHERS, "abroad7q,Le lieu lointain,39300,,,O,FR"], "2026-01-01")
    run(source, [*OTHERS, NAMED[0]], "2026-01-02")
    assert any("record/lieux-abroad7q>" in quad and "end-reason/withdrawn" in quad for quad in source.lines())


def test_a_record_that_refers_to_one_that_may_not_be_named(source: Followed) -> None:
    """It is held too, since what it refers to is not there; it may be named, what it refers to may not."""
    source.card(**CARD, **{"      pays: ~\n": "      pays: ~\n      modele: inspired_by\n"})
    header = f"{HEADER},modele"
    rows = [f"{line}," for line in OTHERS]
    rows += [f"{UNNAMED['personal7q']},", "copy8,Le lieu copié,39300,,,O,FR,lieux-personal7q"]
    source.write(rows, header=header)
    made = source.run(day="2026-01-01")
    assert made.account.summary()["reasons"]["held"] == {"PersonalData": 1, "ReferenceDangling": 1}
    release, _new = make_release(source.project)
    assert mentions(release.folder) == []
    assert "copy8" in dict(texts(release.folder))["store"]
    assert outcome.last_good(source.project, "lieux") == made
