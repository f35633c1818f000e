"""Presence: what vanishes stays for a time, then leaves a tombstone; it returns; ids that change are followed."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from clirld import issues
from clirld.errors import ClirldError, FetchError
from clirld.fetch import stage as fetching
from clirld.harvest import outcome
from clirld.harvest.outcome import Harvest
from clirld.presence.successors import successors
from clirld.presence.tombstones import Hidden
from clirld.records import accounts, parquet_parts
from clirld.release.make import make_release
from tests.followed import Followed, followed, row

ID = "https://w3id.org/clirld/id"


ROWS = [row(n, f"Le lieu {'abcdefghijklmnopqrst'[n]}") for n in range(10)]


def about(source: Followed, path: str) -> dict[str, str]:
    """Predicate (its last part) → object of what is published of one IRI."""
    found = {}
    for quad in source.lines():
        subject, predicate, rest = quad.split(" ", 2)
        if subject == f"<{ID}/{path}>":
            found[predicate.strip("<>").replace("#", "/").rpartition("/")[2]] = rest.rpartition(" <")[0]
    return found


def state(harvest: Harvest) -> dict[str, tuple[str, str | None]]:
    table = pl.read_parquet(harvest.records / "presence.parquet")
    return {record: (of, since) for record, of, since in table.select("record", "state", "missing_since").iter_rows()}


def codes(harvest: Harvest) -> list[tuple[str, str | None]]:
    return [(one.code, one.value) for one in issues.read(harvest.records / "issues.jsonl")]


def test_a_record_that_vanishes_stays_then_is_gone_then_returns(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    before = about(source, "initiative/lieux-3")
    missing = source.run(ROWS[:3] + ROWS[4:], "2026-01-10")
    assert state(missing)["lieux-3"] == ("missing", "2026-01-10T06:00:00Z")
    assert about(source, "initiative/lieux-3") == before
    record = about(source, "record/lieux-3")
    assert record["missingSince"].startswith('"2026-01-10T06:00:00Z"')
    assert record["generatedAtTime"].startswith('"2026-01-01T06:00:00Z"')
    # it leads to the file that it was read from, which is described though there is a newer one
    (file,) = missing.earlier_snapshots
    assert record["wasDerivedFrom"].endswith(f"/id/distribution/lieux.default.{file['sha256']}>")
    assert file["retrieved"] == "2026-01-01T06:00:00Z"
    assert file["sha256"] not in about(source, "record/lieux-1")["wasDerivedFrom"]
    summary = missing.account.summary()
    assert (summary["rows_in"], summary["published"], summary["missing"], summary["gone"]) == (9, 9, 1, 0)
    assert ("record-missing", "3") in codes(missing)

    # the same bytes again: nothing is made anew until the grace is over, then it is gone
    assert source.run(day="2026-02-08") == missing
    gone = source.run(day="2026-02-09")
    assert gone.rows == missing.rows
    assert gone.records != missing.records
    stone = about(source, "initiative/lieux-3")
    assert stone["label"] == before["label"]
    assert stone["type"].endswith("ontology#FormerEntity>")
    assert stone["invalidatedAtTime"].startswith('"2026-01-10T06:00:00Z"')
    assert stone["endReason"].endswith("end-reason/no-longer-at-source>")
    assert set(stone) == {"type", "label", "invalidatedAtTime", "endReason", "wasDerivedFrom"}
    assert about(source, "record/lieux-3")["endReason"] == stone["endReason"]
    summary = gone.account.summary()
    assert (summary["rows_in"], summary["published"], summary["missing"], summary["gone"]) == (9, 9, 0, 1)
    assert source.run(day="2026-03-01") == gone

    # another change leaves the tombstone; the record comes back as it is then
    source.run([*ROWS[:3], *ROWS[4:9]], "2026-03-02")
    assert about(source, "initiative/lieux-3") == stone
    back = source.run(ROWS, "2026-03-03")
    assert about(source, "initiative/lieux-3") == before
    assert "missingSince" not in about(source, "record/lieux-3")
    assert back.account.summary()["gone"] == 0
    table = pl.read_parquet(back.records / "presence.parquet").filter(pl.col("record") == "lieux-3")
    assert table.select("first_seen", "last_seen").row(0) == ("2026-01-01T06:00:00Z", "2026-01-01T06:00:00Z")


def test_bytes_of_long_ago_that_come_back_are_seen_when_they_come(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    source.run([*ROWS, row(50, "Un passant")], "2026-01-02")
    made = source.run(ROWS, "2026-03-03")
    assert state(made)["lieux-50"] == ("missing", "2026-03-03T06:00:00Z")


def test_a_source_that_makes_nothing_has_no_records_to_follow(source: Followed) -> None:
    made = source.run([], "2026-01-01")
    assert state(made) == {}
    assert made.account.summary()["rows_in"] == 0


def test_the_grace_is_the_cards(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run(ROWS, "2026-01-01")
    gone = source.run(ROWS[1:], "2026-01-02")
    assert state(gone)["lieux-0"] == ("gone", "2026-01-02T06:00:00Z")
    assert ("record-gone", "0") in codes(gone)


def test_an_id_that_changes_is_followed_and_not_published_twice(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    renamed = [*ROWS[:9], row("neuf", "LE LIEU J")]
    made = source.run(renamed, "2026-01-02")
    stone = about(source, "initiative/lieux-9")
    assert stone["isReplacedBy"] == f"<{ID}/initiative/lieux-neuf>"
    assert stone["endReason"].endswith("end-reason/id-changed>")
    assert about(source, "record/lieux-9")["isReplacedBy"] == f"<{ID}/record/lieux-neuf>"
    assert about(source, "organization/lieux-9")["isReplacedBy"] == f"<{ID}/organization/lieux-neuf>"
    assert ("record-replaced", "9") in codes(made)
    assert made.account.summary()["gone"] == 1
    # and the old one is told of as long as the new one is there
    source.run([*renamed, row(77, "Un autre")], "2026-01-03")
    assert about(source, "initiative/lieux-9") == stone


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([row(9, "Le lieu z")], [row("neuf", "Le lieu z", "39478")]),  # elsewhere
        ([row(9, "Le lieu z")], [row("neuf", "Le lieu y")]),  # another name
        ([row(9, "Le lieu z")], [row("neuf", "Le lieu z"), row("dix", "Le lieu z")]),  # which of the two?
        ([row(9, "Le lieu z"), row(8, "Le lieu z")], [row("neuf", "Le lieu z")]),  # which of the two?
        ([row(9, "Le lieu z", siren="552100554")], [row("neuf", "Le lieu z", siren="356000000")]),  # two legal persons
    ],
)
def test_where_there_is_doubt_no_successor_is_named(source: Followed, old: list[str], new: list[str]) -> None:
    source.run([*ROWS[:5], *old], "2026-01-01")
    made = source.run([*ROWS[:5], *new], "2026-01-02")
    assert state(made)["lieux-9"] == ("missing", "2026-01-02T06:00:00Z")
    assert not any("isReplacedBy" in quad for quad in source.lines())


def test_the_same_official_number_agrees(source: Followed) -> None:
    source.run([*ROWS[:5], row(9, "Le lieu z", siren="552100554")], "2026-01-01")
    source.run([*ROWS[:5], row("neuf", "Le lieu z", siren="552100554")], "2026-01-02")
    assert about(source, "initiative/lieux-9")["isReplacedBy"] == f"<{ID}/initiative/lieux-neuf>"
    # the organization has an official number: it is the same as before, and has no end
    assert about(source, "organization/siren-552100554")["type"].endswith("FormalOrganization>")
    assert "invalidatedAtTime" not in about(source, "organization/siren-552100554")


def test_an_organization_with_an_official_number_does_not_end(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run([*ROWS[:5], row(9, "Le lieu z", siren="552100554")], "2026-01-01")
    source.run(ROWS[:5], "2026-01-02")
    assert about(source, "initiative/lieux-9")["type"].endswith("FormerEntity>")
    assert set(about(source, "organization/siren-552100554")) == {"label", "wasDerivedFrom"}


def test_what_the_card_leaves_out_is_gone_at_once(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    source.card(**{"    constants:": '    withhold: {"4": natural-person}\n    constants:'})
    made = source.run(day="2026-01-02")
    assert not any("lieux-4>" in quad for quad in source.lines())  # no tombstone says who was withdrawn
    assert (made.account.summary()["dropped"], made.account.summary()["gone"]) == (1, 0)


def test_a_failed_harvest_changes_nothing(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    good = source.run(ROWS, "2026-01-01")
    quads = source.lines()
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "fetch_distribution", _fails)
        with pytest.raises(ClirldError):
            source.run()
    source.write(["x"], header="autre")
    with pytest.raises(ClirldError):
        source.run(day="2026-06-02")
    assert source.lines() == quads
    assert outcome.last_good(source.project, "lieux") == good
    assert source.run(ROWS, "2026-06-03") == good


def _fails(*_args: object, **_given: object) -> None:
    raise FetchError("no answer", where="https://example.org", do="try again")


def test_the_release_tells_of_it(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run(ROWS, "2026-01-01")
    source.run(ROWS[1:], "2026-01-02")
    made, _new = make_release(source.project)
    (told,) = [one for one in made.manifest["sources"] if one["id"] == "lieux"]
    assert (told["rows_in"], told["published"], told["missing"], told["gone"]) == (9, 9, 0, 1)
    ended = pl.read_csv(made.folder / "tables" / "open" / "ended.csv")
    assert ended.select("key", "kind", "reason").rows() == [
        ("lieux-0", "initiative", "no-longer-at-source"),
        ("lieux-0", "organization", "no-longer-at-source"),
    ]
    records = pl.read_csv(made.folder / "tables" / "open" / "record.csv").filter(pl.col("source") == "lieux")
    assert records.filter(pl.col("ended").is_null()).height == 9
    accounting = json.loads((made.folder / "reports" / "lieux.account.json").read_text())
    assert accounting["gone"] == 1


def test_the_same_snapshots_give_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        source = followed(tmp_path / name, monkeypatch)
        for rows, day in (
            (ROWS, "01-01"),
            (ROWS[2:], "01-05"),
            (ROWS[2:], "01-25"),
            ([*ROWS[3:], row(1, "Le lieu b")], "02-20"),
        ):
            source.run(rows, f"2026-{day}")
        told.append(source.lines())
    assert told[0] == told[1]
    assert any("FormerEntity" in quad for quad in told[0])


def test_nothing_stays_of_what_was_held_back(source: Followed) -> None:
    source.card("grace: 0\n")
    made = source.run([*ROWS, row(60, "Sans lieu", code="")], "2026-01-01")
    assert made.account.summary()["held"] == 1
    after = source.run([*ROWS[1:], row(61, "Sans lieu non plus", code="")], "2026-01-02")
    summary = after.account.summary()
    assert (summary["published"], summary["held"], summary["gone"]) == (9, 1, 1)
    assert not any("lieux-60" in quad for quad in source.lines())
    published, _new = make_release(source.project)
    for table in ("record", "initiative", "ended"):
        text = (published.folder / "tables" / "open" / f"{table}.csv").read_text(encoding="utf-8")
        assert "lieux-60" not in text
        assert "lieux-61" not in text


def test_a_missing_record_that_is_held_back_is_none_of_the_rows(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    missing = source.run(ROWS[1:], "2026-01-02")
    kept = missing.validated / "held.jsonl"
    kept.write_text(json.dumps({"record": "lieux-0", "reason": "x"}) + "\n", encoding="utf-8")
    assert accounts.held_rows(missing.records, kept) == []


# At the bounds ----------------------------------------------------------------------------------


def measured(harvest: Harvest) -> tuple[int, int, int, int]:
    found = json.loads((harvest.records / "statistics.json").read_text(encoding="utf-8"))
    return tuple(found[name] for name in ("before", "appeared", "changed", "vanished"))  # type: ignore[return-value]


def test_what_moved_is_counted_against_the_records_that_were_there(source: Followed) -> None:
    assert measured(source.run(ROWS, "2026-01-01")) == (0, 10, 0, 0)
    assert measured(source.run(ROWS[1:], "2026-01-02")) == (10, 0, 0, 1)
    changed = [row(n, f"Un autre nom {'abcdefghijklmnopqrst'[n]}") for n in (4, 5)]
    made = source.run([*ROWS[2:4], *changed, *ROWS[6:]], "2026-01-03")
    assert measured(made) == (9, 0, 2, 1)
    assert measured(source.run([ROWS[0], *ROWS[2:4], *changed, *ROWS[6:]], "2026-01-04")) == (8, 0, 0, 0)
    source.card("grace: 3\n")  # another card: what differs may be its work
    assert measured(source.run([ROWS[0], *ROWS[2:4], *ROWS[6:]], "2026-01-05")) == (9, 0, 0, 2)


def test_a_row_that_cannot_be_used_makes_its_record_missing_only(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    made = source.run([*ROWS[:9], "9,,39300,,"], "2026-01-02")
    assert made.account.summary()["dropped"] == 1
    assert state(made)["lieux-9"] == ("missing", "2026-01-02T06:00:00Z")


def test_those_that_are_gone_add_up_and_their_issues_say_since_when(source: Followed) -> None:
    source.card("grace: 0\n")
    source.run(ROWS, "2026-01-01")
    source.run(ROWS[1:], "2026-01-02")
    made = source.run([*ROWS[2:9], row("neuf", "Le lieu j")], "2026-01-03")
    assert made.account.summary()["gone"] == 3
    told = {one.value: one for one in issues.read(made.records / "issues.jsonl")}
    assert {value: (one.code, one.detail) for value, one in told.items()} == {
        "1": ("record-gone", {"since": "2026-01-03", "grace": "0", "by": ""}),
        "9": ("record-replaced", {"since": "2026-01-03", "grace": "0", "by": "lieux-neuf"}),
    }
    assert about(source, "initiative/lieux-0")["invalidatedAtTime"].startswith('"2026-01-02T06:00:00Z"')


def test_an_organization_that_another_record_gives_has_no_tombstone(source: Followed) -> None:
    source.card("grace: 0\n")
    both = [row(8, "Un lieu", siren="552100554"), row(9, "Un autre lieu", siren="552100554")]
    source.run([*ROWS[:5], *both], "2026-01-01")
    source.run([*ROWS[:5], both[0]], "2026-01-02")
    quads = [quad for quad in source.lines() if quad.startswith(f"<{ID}/organization/siren-552100554>")]
    assert not any("record/lieux-9>" in quad or "Un autre lieu" in quad for quad in quads)
    assert any("record/lieux-8>" in quad for quad in quads)
    assert about(source, "initiative/lieux-9")["type"].endswith("FormerEntity>")


def test_a_tombstone_names_no_successor_that_is_not_there(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    source.run([*ROWS[:9], row("neuf", "Le lieu j", siren="552100554")], "2026-01-02")
    assert about(source, "initiative/lieux-9")["isReplacedBy"] == f"<{ID}/initiative/lieux-neuf>"
    stone = about(source, "organization/lieux-9")  # the new one has an official number, and is named by it
    assert stone["endReason"].endswith("end-reason/id-changed>")
    assert "isReplacedBy" not in stone


def test_a_tombstone_names_no_successor_of_a_table_that_the_card_gives_up(source: Followed) -> None:
    source.run(ROWS, "2026-01-01")
    source.card(**{"[name, organization.name]": "name", "      siren: organization.siren\n": "      siren: ~\n"})
    source.run([*ROWS[:9], row("neuf", "Le lieu j")], "2026-01-02")
    assert about(source, "initiative/lieux-9")["isReplacedBy"] == f"<{ID}/initiative/lieux-neuf>"
    assert "isReplacedBy" not in about(source, "organization/lieux-9")


def test_of_what_may_not_be_named_no_successor_is_told() -> None:
    hidden = Hidden(erased=["erased"], unnamed=["unnamed"], opaque=lambda key: f"opaque {key}")
    assert hidden.successor("key", "unnamed") is None
    assert hidden.successor("key", "erased") == "opaque key"
    assert hidden.successor("key", "another") == "key"
    assert hidden.successor(None, "another") is None


# Successors, of small tables --------------------------------------------------------------------


def followed_by(folder: Path, old: list[dict[str, str | None]], new: list[dict[str, str | None]]) -> dict[str, str]:
    """Successors among records of two harvests: each row is of `initiative`, unless it says another table."""
    for name, rows in (("old", old), ("new", new)):
        tables: dict[str, list[dict[str, str | None]]] = {}
        for given in rows:
            tables.setdefault(given.get("table") or "initiative", []).append(
                {key: value for key, value in given.items() if key != "table"}
            )
        for table, given_rows in tables.items():
            (folder / name / table).mkdir(parents=True)
            pl.DataFrame(given_rows, infer_schema_length=None).write_parquet(folder / name / table / "part-0.parquet")
    return successors(
        folder / "old", sorted({str(one["record"]) for one in old}), folder / "new", [str(one["record"]) for one in new]
    )


def place(record: str, name: str | None, commune: str | None = "39300", **more: str | None) -> dict[str, str | None]:
    return {"record": record, "name": name, "commune": commune, **more}


ONE = place("a", "Le Quai")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([ONE], [place("b", "LE QUAI")], {"a": "b"}),
        ([ONE], [place("b", "Le Quai", "39478")], {}),
        ([ONE], [place("b", "Le Pont")], {}),
        ([ONE], [place("b", "Le Quai"), place("c", "Le Quai")], {}),
        ([ONE, place("z", "Le Quai")], [place("b", "Le Quai")], {}),
        ([ONE, place("z", "Le Quai")], [place("b", "Le Quai"), place("c", "Le Quai")], {}),
        ([ONE, place("z", "Le Pont")], [place("b", "Le Pont"), place("c", "Le Quai")], {"a": "c", "z": "b"}),
        ([place("a", None)], [place("b", None)], {}),  # nothing says that these two are one
        ([place("a", "Le Quai", None)], [place("b", "Le Quai", None)], {}),
        ([place("a", "Le Quai", None, seat="39")], [place("b", "Le Quai", None, seat="39")], {"a": "b"}),
        ([place("a", "Le Quai", seat="39")], [place("b", "Le Quai", seat="21")], {"a": "b"}),  # the commune says more
        ([{**ONE, "siren": "1"}], [place("b", "Le Quai", siren="1")], {"a": "b"}),
        ([{**ONE, "siren": "1"}], [place("b", "Le Quai", siren="2")], {}),
        ([{**ONE, "siren": "1"}], [place("b", "Le Quai")], {"a": "b"}),
        ([ONE], [place("b", "Le Quai", siren="2")], {"a": "b"}),
        ([{**ONE, "siren": "1"}], [place("b", "Le Quai", rna="W2")], {"a": "b"}),
        ([{**ONE, "siren": "1", "rna": "W1"}], [place("b", "Le Quai", siren="1", rna="W2")], {}),
    ],
)
def test_who_follows_whom(
    tmp_path: Path, old: list[dict[str, str | None]], new: list[dict[str, str | None]], expected: dict[str, str]
) -> None:
    assert followed_by(tmp_path, old, new) == expected


def test_a_name_or_a_number_may_be_the_organizations(tmp_path: Path) -> None:
    def both(record: str, name: str, siren: str) -> list[dict[str, str | None]]:
        return [place(record, name), {"table": "organization", "record": record, "name": "Autre", "siren": siren}]

    assert followed_by(tmp_path / "1", both("a", "Le Quai", "1"), both("b", "Le Quai", "1")) == {"a": "b"}
    assert followed_by(tmp_path / "2", both("a", "Le Quai", "1"), both("b", "Le Quai", "2")) == {}
    assert followed_by(tmp_path / "3", both("a", "Le Quai", "1"), both("b", "Le Pont", "1")) == {}


def test_where_nothing_vanished_or_appeared_nobody_follows(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert successors(nowhere, [], nowhere, ["b"]) == {}
    assert successors(nowhere, ["a"], nowhere, []) == {}
    assert successors(nowhere, ["a"], nowhere, ["b"]) == {}


def test_tables_of_several_parts_are_followed_whole(source: Followed) -> None:
    source.monkeypatch.setattr(parquet_parts, "PART_ROWS", 4)
    source.run(ROWS, "2026-01-01")
    made = source.run(ROWS[1:], "2026-01-02")
    assert len(list((made.records / "initiative").glob("part-0*.parquet"))) > 1
    assert sorted(state(made)) == [f"lieux-{n}" for n in range(10)]
    published = {quad.split(" ", 1)[0] for quad in source.lines() if quad.startswith(f"<{ID}/initiative/")}
    assert published == {f"<{ID}/initiative/lieux-{n}>" for n in range(10)}
