"""What the command line shows, in two languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from clirld.cli import report
from clirld.cli.releases import listing
from clirld.guards.unpublished import Reason, Share
from clirld.release.published import Release
from clirld.release.unavailable.mark import Mark, Withdrawal


@pytest.fixture
def console() -> Console:
    return Console(width=120, record=True, emoji=False)


def account(name: str, **counts: Any) -> dict[str, Any]:
    return {
        "id": name, "rows_in": 1500, "published": 1400, "held": 40, "dropped": 60,
        "reasons": {"held": {"V3": 40}, "dropped": {"ragged": 50, "V3": 10}}, **counts,
    }  # fmt: skip


def test_both_languages_have_the_same_words() -> None:
    assert report.LABELS["fr"].keys() == report.LABELS["en"].keys()
    assert all(text for words in report.LABELS.values() for text in words.values())
    assert report.labels_of("en") == report.LABELS["en"]
    assert report.labels_of("de") == report.LABELS["fr"]


def test_the_account_of_each_source_and_of_all(console: Console) -> None:
    report.accounting(console, [account("a"), account("b", rows_in=20, published=20, held=0, dropped=0, reasons={
        "held": {}, "dropped": {}})], "en")  # fmt: skip
    text = console.export_text()
    lines = {line.split()[1]: line.replace("│", " ").split() for line in text.splitlines() if line.startswith("│")}
    assert lines["a"][:9] == ["a", "1", "500", "1", "400", "40", "60", "V3", "50"]
    assert lines["b"][:5] == ["b", "20", "20", "0", "0"]
    assert lines["total"][:7] == ["total", "1", "520", "1", "420", "40", "60"]
    assert "ragged 50" in text


@pytest.mark.parametrize(
    ("published", "expected", "said", "step"),
    [
        (20, 20, "toutes les lignes de l'exemple (20)", "ensuite : clirld run territories lieux"),
        (12, 20, "12 lignes de l'exemple sur 20", "ensuite : clirld run territories lieux"),
        (10, 20, "10 lignes de l'exemple sur 20", "ensuite : clirld run territories lieux"),
        (9, 20, "9 lignes de l'exemple sur 20", "c'est moins que 50\u00a0% (guards.published)"),
    ],
)
def test_what_is_next_follows_from_what_would_be_published(published: int, expected: int, said: str, step: str) -> None:
    outside = Reason("above-header", 30, {"fr": "au-dessus", "en": "above"}, is_expected=False)
    missing = Reason("missing-name", expected - published, {"fr": "sans nom", "en": "no name"}, "name", "nom")
    share = Share(expected, published, (outside, missing) if expected > published else (outside,))
    found = report.prospects(share, sample=True, language="fr")
    assert found.startswith(f"seraient publiées : {said}")
    assert found.endswith(f"sans nom ({expected - published} lignes, missing-name, colonne nom)") == (
        expected > published
    )
    assert report.next_step(share, 0.5, "lieux", "territories lieux", "fr").startswith(step)
    assert report.next_step(share, 0.5, "lieux", "territories lieux", "en").endswith(
        "clirld check lieux" if published < 10 else "next: clirld run territories lieux"
    )
    assert "of the file" in report.prospects(share, sample=False, language="en")


def test_where_no_row_is_a_record_it_is_said() -> None:
    said = "aucune ligne de l'exemple n'est une fiche : il n'y a rien à publier"
    assert report.prospects(Share(0, 0), sample=True, language="fr") == said


def test_one_source_has_no_total(console: Console) -> None:
    report.accounting(console, [account("a")], "en")
    assert "total" not in console.export_text()


MANIFEST = {"created": "2026-11-24", "sources": [1, 2], "quads": 12345, "candidates": 6}
IDS = ["20261125T101530Z-3f9a1c2b", "20261124T101530Z-4f9a1c2b"]
NEW, OLD = (Release(Path("/x") / name, MANIFEST) for name in IDS)
WITHDRAWAL = Withdrawal("2026-11-25T10:00:00+00:00", "[b]en trop, " * 20, "x")


def test_the_release_that_is_served_is_marked() -> None:
    lines = listing.lines([NEW, OLD], OLD, {NEW.id: Mark(holds_erased=True), OLD.id: Mark()}, "fr")
    assert [line.split()[0] for line in lines] == ["version", *IDS]
    assert [("● servie" in line, "effacé" in line) for line in lines[1:]] == [(False, True), (True, False)]
    assert all("12\u00a0345" in line for line in lines[1:])


def test_a_release_that_was_withdrawn_says_when_and_why_and_its_id_is_whole() -> None:
    lines = listing.lines([NEW, OLD], NEW, {NEW.id: Mark(), OLD.id: Mark(withdrawal=WITHDRAWAL)}, "fr")
    assert [line.split()[0] for line in lines] == ["version", *IDS, OLD.id]
    assert lines[-1] == f"{OLD.id} ✗ retirée le 2026-11-25 : {WITHDRAWAL.because}"
    assert max(map(len, lines[:-1])) <= 80
    assert listing.withdrawn({"two": WITHDRAWAL}, "en") == [f"two ✗ withdrawn on 2026-11-25: {WITHDRAWAL.because}"]
