"""What a card or the program no longer publishes is not told of what is missing or gone. All names are invented."""

from __future__ import annotations

import pytest

from clirld import issues
from clirld.harvest.outcome import Harvest
from tests.followed import Followed, row

ID = "https://w3id.org/clirld/id"
PERSON = "Jeanne Exemple"
ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(10)]
CARRIED = [f"{one},{PERSON if n == 3 else 'Le porteur'}" for n, one in enumerate(ROWS)]
HEADER = "id,nom,code,siren,site,porteur"
MAPPED = "      porteur: {}\n    constants:"


def card(source: Followed, mapping: str, more: str = "") -> None:
    """The card with the column of carriers mapped so, and no organization named after the place."""
    source.card(
        more,
        **{
            "    constants:": MAPPED.format(mapping),
            "[name, organization.name]": "name",
            "siren: organization.siren": "siren: ~",
        },
    )


def harvested(source: Followed, rows: list[str], day: str) -> Harvest:
    source.write(rows, HEADER)
    return source.run(day=day)


def texts(harvest: Harvest) -> str:
    """All that is published of the harvest, and what the accounts and issues say."""
    folders = (harvest.records, harvest.validated)
    return "".join(
        path.read_bytes().decode("latin-1") for folder in folders for path in folder.rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("to", ["description", "street", "organization.alternative_name"])
@pytest.mark.parametrize("grace", [30, 0])
@pytest.mark.parametrize("left_out", ["~", None])
def test_what_a_column_gave_goes_with_it(source: Followed, to: str, grace: int, left_out: str | None) -> None:
    """Set to `~`, or no longer in the file and not in the card: the missing record and the tombstone lose it."""
    if to.startswith("organization"):
        source.card(f"grace: {grace}\n", **{"    constants:": MAPPED.format(to)})
    else:
        card(source, to, f"grace: {grace}\n")
    harvested(source, [one.replace(PERSON, f"{PERSON} et famille du lieu") for one in CARRIED], "2026-01-01")
    rows = CARRIED[:3] + CARRIED[4:]
    made = harvested(source, rows, "2026-01-02")  # the record is missing, and tells of its carrier
    assert (PERSON in texts(made)) is (grace > 0)
    if left_out:
        card(source, left_out, f"grace: {grace}\n")
    else:
        source.card(f"grace: {grace}\n")
        rows = [one.rpartition(",")[0] for one in rows]
    source.write(rows, HEADER if left_out else HEADER.rpartition(",")[0])
    made = source.run(day="2026-01-03")
    assert PERSON not in texts(made)
    assert any("initiative/lieux-3>" in quad for quad in source.lines())
    assert made.account.summary()["missing" if grace else "gone"] == 1


def test_the_names_of_organizations_go_from_tombstones_too(source: Followed) -> None:
    card(source, "organization.name", "grace: 0\n")
    harvested(source, [one.replace(PERSON, "Le nom de quelqu'un") for one in CARRIED], "2026-01-01")
    made = harvested(source, CARRIED[:3] + CARRIED[4:], "2026-01-02")
    assert "Le nom de quelqu'un" in texts(made)
    card(source, "~", "grace: 0\n")
    made = harvested(source, CARRIED[:3] + CARRIED[4:9], "2026-01-03")
    assert "Le nom de quelqu'un" not in texts(made)
    assert "Le porteur" not in texts(made)
    assert any(f"<{ID}/organization/lieux-3>" in quad and "FormerEntity" in quad for quad in source.lines())


def test_a_name_from_another_column_loses_what_the_first_gave(source: Followed) -> None:
    source.card(**{"nom: [name, organization.name]": "nom: name", "site: homepage": "site: ~"})
    source.run([f"{n},Le nom de quelqu'un,39300,,Le lieu {n}" for n in range(10)], "2026-01-01")
    source.card(**{"nom: [name, organization.name]": "nom: ~", "site: homepage": "site: name"})
    made = source.run([f"{n},Le nom de quelqu'un,39300,,Le lieu {n}" for n in range(9)], "2026-01-02")
    assert "Le nom de quelqu'un" not in texts(made)
    (stone,) = [quad for quad in source.lines() if quad.startswith(f"<{ID}/initiative/lieux-9>") and "Reason" in quad]
    assert "end-reason/withdrawn" in stone


def test_that_earlier_releases_still_have_a_column_is_said_once(source: Followed) -> None:
    def told(harvest: Harvest) -> list[tuple[str | None, dict[str, str]]]:
        found = (one for folder in harvest.issue_folders for one in issues.read(folder / "issues.jsonl"))
        return [(one.column, one.detail) for one in found if one.code == "column-withdrawn"]

    card(source, "description")
    assert told(harvested(source, CARRIED, "2026-01-01")) == []
    card(source, "~")
    assert told(harvested(source, CARRIED, "2026-01-02")) == [("porteur", {"to": "initiative.description"})]
    assert told(harvested(source, CARRIED[:9], "2026-01-03")) == []


def test_a_column_that_only_placed_was_never_in_a_release(source: Followed) -> None:
    card(source, "private_address")
    harvested(source, CARRIED, "2026-01-01")
    card(source, "~")
    made = harvested(source, CARRIED, "2026-01-02")
    assert "column-withdrawn" not in texts(made)


@pytest.mark.parametrize("is_named_today", [True, False])
def test_who_took_part_stays_where_another_record_names_the_organization(
    source: Followed, is_named_today: bool
) -> None:
    def mapped(carrier: str, site: str) -> None:
        source.card(
            **{
                "    constants: {": MAPPED.format(carrier) + " {participation.role: carrier, ",
                "[name, organization.name]": "name",
                "site: homepage": f"site: {site}",
            }
        )

    siren = "552100554"
    rows = [
        f"{one},Le porteur" for one in (*ROWS, row("a", "Le lieu a", siren=siren), row("b", "Le lieu b", siren=siren))
    ]
    mapped("organization.name", "~")
    harvested(source, rows, "2026-01-01")
    took_part = f"<{ID}/participation/lieux-a-carrier>"
    assert any(quad.startswith(took_part) for quad in source.lines())
    mapped("~", "organization.name")
    carrier = "Le porteur" if is_named_today else ""
    rows = [*rows[:10], f"b,Le lieu b,39300,{siren},{carrier},Le porteur"]
    made = harvested(source, rows, "2026-01-02")
    assert made.account.summary()["missing"] == 1
    assert any(quad.startswith(took_part) for quad in source.lines()) is is_named_today
    assert any(quad.startswith(f"<{ID}/initiative/lieux-a>") for quad in source.lines())


def test_a_column_that_stays_goes_on(source: Followed) -> None:
    card(source, "description")
    harvested(source, CARRIED, "2026-01-01")
    made = harvested(source, CARRIED[1:], "2026-01-02")
    source.card(**{"    constants:": MAPPED.format("description"), "site: homepage": "site: ~"})
    again = harvested(source, CARRIED[1:], "2026-01-03")
    for one in (made, again):
        assert one.account.summary()["missing"] == 1
        assert any(f"<{ID}/initiative/lieux-0>" in quad and "Le porteur" in quad for quad in source.lines(one))


def test_an_identifier_that_today_would_be_hashed_leaves_no_trace(
    source: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:  # a version of the program that did not know the name
        earlier.setattr("clirld.records.plan.public", lambda identifier, _parts=(): identifier)
        source.run([*ROWS[:9], row("jeanne-exemple", "Le lieu sans nom")], "2026-01-01")
        assert any("jeanne-exemple" in quad for quad in source.lines())
    made = source.run([*ROWS[:8], row("jeanne-exemple", "Le lieu sans nom")], "2026-01-02")
    assert "jeanne-exemple" not in texts(made)
    assert made.account.summary()["missing"] == 1


def test_an_organization_that_may_be_a_person_is_carried_without_its_name(
    source: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    card(source, "organization.name")
    with monkeypatch.context() as earlier:
        earlier.setattr("clirld.records.entities.person_names.may_be_somebody", lambda _value: False)
        made = harvested(source, CARRIED, "2026-01-01")
        assert PERSON in texts(made)
    made = harvested(source, CARRIED[:3] + CARRIED[4:], "2026-01-02")
    assert PERSON not in texts(made)
    assert made.account.summary()["missing"] == 1


@pytest.mark.parametrize("grace", [30, 0])
@pytest.mark.parametrize("of", ["name", "description"])
def test_what_today_may_be_somebody_is_not_told_of_what_is_missing(
    source: Followed, monkeypatch: pytest.MonkeyPatch, of: str, grace: int
) -> None:
    """Published before the detector knew the name, and in no file since: no rule of today's rows sees it."""
    if of == "name":
        source.card(
            f"grace: {grace}\n", **{"[name, organization.name]": "name", "siren: organization.siren": "siren: ~"}
        )
        rows = [*ROWS[:9], row("x", PERSON)]
    else:
        card(source, "description", f"grace: {grace}\n")
        rows = CARRIED
    with monkeypatch.context() as earlier:
        earlier.setattr("clirld.records.entities.person_names.may_be_somebody", lambda _value: False)
        earlier.setattr("clirld.guards.checks.check_persons", lambda *_given: [])
        source.write(rows, HEADER if of == "description" else "id,nom,code,siren,site")
        assert PERSON in texts(source.run(day="2026-01-01"))
    left = [one for one in rows if PERSON not in one]
    source.write(left, HEADER if of == "description" else "id,nom,code,siren,site")
    made = source.run(day="2026-01-02")
    assert PERSON not in texts(made)
    assert any("FormerEntity" in quad or "missingSince" in quad for quad in source.lines())
