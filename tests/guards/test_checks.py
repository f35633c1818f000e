"""Guards: each finding, what blocks and what does not, and a person's word that lets outputs pass."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner

from clirld import issues, stages
from clirld.card.model import Card
from clirld.cli import app
from clirld.errors import DataError, GuardError, RecordsError
from clirld.fetch.stage import Origin
from clirld.guards import checks, unpublished
from clirld.harvest import acceptance, line, outcome
from clirld.project import Project
from clirld.records.accounts import Account, ExcludedRow
from clirld.records.statistics import Statistics
from clirld.release.make import make_release
from clirld.settings import Settings
from tests.followed import CARD, Followed, followed, row

BASIS = Statistics(
    program_fingerprint="m", bytes={"default": "a"}, rows_in={"default": 100},
    columns={"default": ["id", "nom", "tel"]},
    rows={"initiative": 100, "organization": 50}, filled={"initiative.homepage": 60, "organization.siren": 50},
    identifiers={"organization.siren": (48, 50)}, before=100,
)  # fmt: skip
TWENTY = {"organization.siren": (20, 50)}
NOW = replace(BASIS, bytes={"default": "b"})


def card(**more: Any) -> Card:
    return Card.model_validate({**YAML(typ="safe").load(CARD), **more})


def codes(found: list[issues.Issue]) -> list[str]:
    return [issue.code for issue in found]


@pytest.mark.parametrize(
    ("now", "more", "expected"),
    [
        (NOW, {}, []),
        (replace(NOW, rows_in={"default": 71}), {}, []),
        (replace(NOW, rows_in={"default": 69}), {}, ["guard-fewer"]),
        (replace(NOW, rows_in={"default": 69}), {"guards": {"fewer": 0.5}}, []),
        (replace(NOW, rows_in={"default": 200}), {}, []),
        (NOW, {"assertions": {"rows": {"default": [101, 200]}}}, ["guard-rows"]),
        (NOW, {"assertions": {"filled": {"initiative.homepage": 0.7}}}, ["guard-filled"]),
        (NOW, {"assertions": {"filled": {"initiative.homepage": 0.6}}}, []),
        (replace(NOW, filled={"initiative.homepage": 39, "organization.siren": 50}), {}, ["guard-filled-fell"]),
        (replace(NOW, filled={"organization.siren": 50}), {}, ["guard-filled-fell"]),
        (replace(NOW, identifiers=TWENTY), {}, ["guard-identifiers", "guard-identifiers-fell"]),
        (replace(NOW, identifiers={"organization.siren": (42, 50)}), {}, ["guard-identifiers-fell"]),
        (NOW, {"guards": {"identifiers": {"organization.siren": 0.97}}}, ["guard-identifiers"]),
        (replace(NOW, appeared=20, vanished=20, changed=20), {}, ["guard-changed"]),
        (replace(NOW, appeared=20, vanished=20, changed=10), {}, []),
        (replace(NOW, columns={"default": ["id", "nom"]}), {}, ["column-gone"]),
        (replace(NOW, licenses={"default": "https://opendatacommons.org/licenses/odbl/"}), {}, ["guard-license"]),
    ],
)  # fmt: skip
def test_each_finding(now: Statistics, more: dict[str, Any], expected: list[str]) -> None:
    assert codes(checks.check(card(**more), now, BASIS)) == expected


def test_a_licence_is_compared_with_the_one_stated_before() -> None:
    stated = replace(BASIS, licenses={"default": "lov2"})
    assert checks.check(card(), replace(NOW, licenses={"default": "lov2"}), stated) == []
    found = checks.check(card(), replace(NOW, licenses={"default": "odc-odbl"}), stated)
    assert codes(found) == ["guard-license"]
    assert "odc-odbl" in found[0].message("fr")
    assert checks.check(card(), replace(NOW, licenses={"default": card().license}), None) == []


def test_all_findings_are_given_and_those_of_few_rows_are_not_judged_by_shares() -> None:
    spoilt = replace(NOW, rows_in={"default": 10}, vanished=90, filled={})
    assert codes(checks.check(card(), spoilt, BASIS)) == [
        "guard-fewer", "guard-filled-fell", "guard-filled-fell", "guard-changed",
    ]  # fmt: skip
    few = replace(
        BASIS, rows_in={"default": 12}, rows={"initiative": 12}, filled={"initiative.homepage": 12}, before=12
    )
    few = replace(few, identifiers={"organization.siren": (12, 12)})
    assert checks.check(card(), replace(few, bytes={}, rows_in={"default": 6}, filled={}, identifiers={}), few) == []
    assert codes(checks.check(card(), replace(few, bytes={}, rows_in={"default": 0}), few)) == ["guard-fewer"]


def test_the_same_bytes_are_not_compared_with_last_time() -> None:
    other = replace(BASIS, filled={}, changed=90, identifiers={})
    assert checks.check(card(), other, BASIS) == []
    promised = card(assertions={"rows": {"default": [101, 200]}})
    assert codes(checks.check(promised, other, BASIS)) == ["guard-rows"]


@pytest.mark.parametrize(
    ("before", "now", "expired", "found"),
    [
        ("2026-01-02T06:00:00Z", "2026-01-02T06:00:00Z", 3, []),
        ("2026-01-02T06:00:00Z", "2026-01-02T05:00:00Z", 0, []),
        ("2026-01-02T06:00:00Z", "2026-01-02T04:59:59Z", 0, ["guard-clock-back"]),
        ("2026-01-02T06:00:00Z", "2026-02-01T06:00:00Z", 3, []),
        ("2026-01-02T06:00:00Z", "2026-02-01T06:00:01Z", 3, ["guard-clock-jump"]),
        ("2026-01-02T06:00:00Z", "2031-01-01T00:00:00Z", 0, []),  # nothing is lost by it
    ],
)
def test_when_a_clock_is_doubted(before: str, now: str, expired: int, found: list[str]) -> None:
    assert codes(checks.check_clock(card(), checks.Clock(before, now, expired))) == found


def test_a_column_that_seems_to_hold_persons_is_not_published(source: Followed) -> None:
    """`check` and `run` have told of it before: here it stops, until the card says that somebody has looked."""
    mapped = {"site: homepage": "site: description"}
    rows = [row(n, site=f"{first} Exemple") for n, first in enumerate(["Jeanne", "Jean", "Camille", "Yann", "Marie"])]
    source.card(**mapped)
    with pytest.raises(GuardError, match="seems to hold persons") as caught:
        source.run(rows, "2026-01-01")
    assert outcome.last_good(source.project, "lieux") is None
    assert "Exemple" not in str(caught.value)
    source.card(**mapped, **{"    constants:": "    not_persons: [site]\n    constants:"})
    assert source.run(rows, "2026-01-01").account.summary()["published"] == 5


def test_every_finding_says_what_to_type() -> None:
    for code in issues.codes():
        if code.startswith("guard-"):
            issue = issues.Issue("lieux", "guards", code)
            assert issue.severity == "error"
            assert all('clirld accept lieux --because "…"' in issue.advice(language) for language in ("fr", "en"))


def account(published: int, **excluded: int) -> Account:
    """An account of the rows of `lieux`: reasons with _ for the hyphens."""
    made = Account("lieux")
    for reason, count in excluded.items():
        for _ in range(count):
            made.exclude(ExcludedRow("default", len(made.excluded) + 2, reason.replace("_", "-")))
    made.count_read("default", published + made.counts().total())
    made.count_made("default", published)
    return made


def share(published: int, more: dict[str, Any] | None = None, **excluded: int) -> unpublished.Share:
    return unpublished.share(card(**(more or {})), account(published, **excluded), {})


def test_few_rows_published_is_a_finding_of_a_first_harvest_too() -> None:
    few = share(9, missing_name=10, duplicate_identifier=1)
    (issue,) = checks.check(card(), BASIS, None, few)
    assert issue.code == "guard-published"
    assert "only 45.0% of the 20 rows" in issue.message("en")
    assert "(10 rows, missing-name, column nom)" in issue.message("en")
    assert "(10 lignes, missing-name, colonne nom)" in issue.message("fr")
    assert codes(checks.check(card(guards={"published": 0.4}), BASIS, None, few)) == []
    assert codes(checks.check(card(), BASIS, None, share(10, missing_name=10))) == []
    assert codes(checks.check(card(), BASIS, None, share(1, missing_name=18))) == []  # too few to judge


def test_nothing_published_is_a_failure_with_its_main_reason_first(project: Path) -> None:
    with pytest.raises(RecordsError) as caught:
        unpublished.require_some(card(), account(0, missing_kind=3, ragged=1), {})
    assert caught.value.what.startswith("none of the 4 rows is published: the row does not give its kind")
    assert "no column goes to kind" in caught.value.what
    assert "constants: {kind: …}" in caught.value.do
    assert caught.value.fr.startswith("aucune des 4 lignes n'est publiée : la ligne ne dit pas")
    assert "aucune colonne ne va vers kind" in caught.value.fr
    with pytest.raises(RecordsError, match=r"duplicate-identifier, column id\)"):
        unpublished.require_some(card(), account(0, duplicate_identifier=2), {})
    with pytest.raises(RecordsError, match=r"InitiativeTerritory\)") as caught:
        unpublished.require_some(card(), account(0, InitiativeTerritory=2), {})
    places = "pipelines/sources/territories/sample/communes.csv"
    assert places in caught.value.do
    assert (project / places).is_file()
    unpublished.require_some(card(), account(1, missing_kind=30), {})
    unpublished.require_some(card(), account(0), {})  # there were none


def test_rows_outside_the_table_are_no_records_and_bad_rows_are_held_against_it() -> None:
    titles = share(30, above_header=40, below_table=50)
    assert (titles.expected, titles.published) == (30, 30)
    assert checks.check(card(), BASIS, None, titles) == []
    bad = share(30, above_header=40, ragged=31)
    assert (bad.expected, bad.published) == (61, 30)
    (issue,) = checks.check(card(), BASIS, None, bad)
    assert "only 49.2% of the 61 rows" in issue.message("en")
    assert "ragged" in issue.message("en")
    assert "above-header" not in issue.message("en")


def test_where_nothing_is_published_titles_are_the_reason_only_alone() -> None:
    with pytest.raises(RecordsError, match=r"none of the 3 rows is published: the row does not give its kind"):
        unpublished.require_some(card(), account(0, above_header=9, missing_kind=3), {})
    with pytest.raises(RecordsError, match="none of the 9 rows is published: the row stands above"):
        unpublished.require_some(card(), account(0, above_header=9), {})


def test_rows_left_out_on_purpose_are_not_expected() -> None:
    rows = [{**YAML(typ="safe").load(CARD)["records"][0], "withhold": {"7": "natural-person"}}]
    assert share(1, {"records": rows}, natural_person=1, erased=40) == unpublished.Share(1, 1)
    unpublished.require_some(card(records=rows), account(0, natural_person=1, erased=1), {})
    made = account(30, missing_name=1)
    for n in range(900):  # rows that a function has no use for, and those that the card does not keep
        made.exclude(ExcludedRow("default", 100 + n, "no-code-change" if n % 2 else "not-kept-code"), listed=not n % 2)
    assert checks.check(card(), BASIS, None, unpublished.share(card(), made, {})) == []
    kept = [{**YAML(typ="safe").load(CARD)["records"][0], "keep": {"nom": ["A"], "code": ["1"]}}]
    with pytest.raises(RecordsError, match=r"not-kept-code, column code\)") as caught:
        unpublished.require_some(card(records=kept), account(0, not_kept_code=4), {})
    assert "keep" in caught.value.do


# In the line ------------------------------------------------------------------------------------


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Followed:
    return followed(tmp_path, monkeypatch)


def test_a_harvest_that_publishes_nothing_fails_and_the_last_good_one_stays(source: Followed) -> None:
    good = source.run(["1,Lieu,39300,,"], "2026-01-01")
    with pytest.raises(RecordsError, match=r"none of the 2 rows is published: .*missing-name"):
        source.run(["1,,39300,,", "2,,39300,,"], "2026-01-02")
    assert outcome.last_good(source.project, "lieux") == good
    failure = outcome.failure(source.project, "lieux")
    assert failure is not None
    assert failure["what_fr"].startswith("aucune des 2 lignes")


WHOLE = [row(n, site=f"https://example.org/{n}") for n in range(80)]


def test_half_the_rows_gone_is_kept_back_until_accepted(source: Followed) -> None:
    good = source.run(WHOLE, "2026-01-01")
    quads = source.lines()
    with pytest.raises(GuardError) as caught:
        source.run(WHOLE[:30], "2026-01-02")
    assert "62.5% fewer rows than last time (80 → 30)" in caught.value.what
    assert "62.5% of the records moved since last time (80 then;" in caught.value.what
    assert 'clirld accept lieux --because "…"' in caught.value.do
    assert "lignes en moins" in caught.value.fr
    project = source.project
    assert outcome.last_good(project, "lieux") == good
    assert source.lines() == quads
    failure = outcome.failure(project, "lieux")
    assert failure is not None
    assert failure["stage"] == "guards"
    with pytest.raises(GuardError):
        source.run()  # again, with nothing new
    accepted = acceptance.accept(
        project, "lieux", "the publisher split its file", "a steward", "2026-01-03T08:00:00+00:00"
    )
    assert outcome.last_good(project, "lieux") == accepted
    assert outcome.failure(project, "lieux") is None
    assert accepted.account.summary()["rows_in"] == 30
    again = source.run(day="2026-01-04")
    assert again.accepted == accepted.accepted
    with pytest.raises(GuardError):  # something else is something else
        source.run(WHOLE[:10], "2026-01-05")
    with pytest.raises(DataError, match="nothing of this source is kept back"):
        acceptance.accept(project, "territories", "x", "y")


def test_what_was_accepted_is_told_by_the_release(source: Followed) -> None:
    source.run(WHOLE, "2026-01-01")
    with pytest.raises(GuardError):
        source.run(WHOLE[:30], "2026-01-02")
    acceptance.accept(source.project, "lieux", "le fichier a été partagé", "une personne", "2026-01-03T08:00:00+00:00")
    made, _new = make_release(source.project)
    told = {one["id"]: one["accepted"] for one in made.manifest["sources"]}
    assert told["territories"] is None
    assert told["lieux"]["because"] == "le fichier a été partagé"
    catalog = (made.folder / "catalog.ttl").read_text(encoding="utf-8")
    assert "le fichier a été partagé" in catalog
    assert "une personne" in catalog


def test_what_was_accepted_passes_again_after_another_harvest_of_the_same_bytes(source: Followed) -> None:
    source.card("assertions:\n  rows: {default: [90, 99]}\n")
    with pytest.raises(GuardError, match="80 rows in the distribution, 90 to 99"):
        source.run(WHOLE, "2026-01-01")
    assert outcome.last_good(source.project, "lieux") is None
    acceptance.accept(source.project, "lieux", "so few", "me")
    source.monkeypatch.setattr(stages, "program_fingerprint", lambda: "another program")
    project = source.project
    line.harvest(project, project.sources["territories"], Origin(sample=True))
    kept = source.run(day="2026-01-02")
    assert kept.accepted is not None
    assert kept.accepted["because"] == "so few"
    with pytest.raises(GuardError):
        source.run(WHOLE[:79], "2026-01-03")


def test_a_sample_is_not_held_to_what_is_said_of_the_whole(source: Followed) -> None:
    source.card("assertions:\n  rows: {default: [90, 99]}\n")
    (source.folder / "sample.csv").write_text("id,nom,code,siren,site\n1,Un lieu,39300,,\n", encoding="utf-8")
    project = source.project
    kept = line.harvest(project, project.sources["lieux"], Origin(sample=True))
    assert kept.account.summary()["published"] == 1
    # and what comes next is not compared with it
    source.card()
    assert source.run(WHOLE, "2026-01-02").sample is False


def test_bad_identifiers_are_counted(source: Followed) -> None:
    good = [row(n, siren="552100554") for n in range(30)]
    source.run(good, "2026-01-01")
    with pytest.raises(GuardError, match=r"organization.siren: 33.3% of the 30 values given are valid, at least 50.0%"):
        source.run([row(n, siren="552100554" if n < 10 else "123456789") for n in range(30)], "2026-01-02")


def test_the_command(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    source.run(WHOLE, "2026-01-01")
    with pytest.raises(GuardError):
        source.run(WHOLE[:30], "2026-01-02")
    monkeypatch.setenv("CLIRLD_SOURCES", str(source.settings.sources))
    monkeypatch.setenv("CLIRLD_DATA", str(source.settings.data))
    done = CliRunner().invoke(app.app, ["accept", "lieux", "--because", "it is right", "--by", "me", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["accepted"]["because"] == "it is right"
    kept = outcome.last_good(source.project, "lieux")
    assert kept is not None
    assert kept.account.summary()["published"] == 30
    assert CliRunner().invoke(app.app, ["accept", "lieux", "--because", " "]).exit_code != 0


def test_the_samples_pass(tmp_path: Path) -> None:
    project = Project.load(replace(Settings.from_environment({}), data=tmp_path, workers=1))
    kept = line.harvest(project, project.sources["territories"], Origin(sample=True))
    assert (kept.guards / "issues.jsonl").read_text() == ""


def test_a_licence_that_changes_with_the_same_bytes_is_seen(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched, stated = line.fetch, {"now": "https://example.org/licence"}

    @dataclass(frozen=True)
    class Stating:
        """A snapshot of which the service said the licence."""

        snapshot: Any

        @property
        def license_stated(self) -> str:
            return stated["now"]

        def __getattr__(self, name: str) -> Any:
            return getattr(self.snapshot, name)

    def with_licence(*given: Any) -> Any:
        return {name: Stating(one) for name, one in fetched(*given).items()}

    source.card(
        **{"https://www.etalab.gouv.fr/licence-ouverte-open-licence/": "https://creativecommons.org/licenses/by/4.0/"}
    )
    stated["now"] = "https://creativecommons.org/licenses/by/4.0"
    monkeypatch.setattr(line, "fetch", with_licence)
    good = source.run(WHOLE, "2026-01-01")
    assert source.run(day="2026-01-02") == good
    stated["now"] = "https://opendatacommons.org/licenses/odbl/1-0/"
    with pytest.raises(GuardError, match="states the licence https://opendatacommons"):
        source.run(day="2026-01-03")
    assert outcome.last_good(source.project, "lieux") == good
    acceptance.accept(source.project, "lieux", "the card is corrected too", "me")
    source.run(day="2026-01-04")


def judged(now: Statistics, before: Statistics | None, **more: Any) -> list[str]:
    return codes(checks.check(card(**more), now, before))


@pytest.mark.parametrize(
    ("now", "more", "expected"),
    [
        (Statistics(rows_in={"default": 5}), {"assertions": {"rows": {"default": [5, 9]}}}, []),
        (Statistics(rows_in={"default": 9}), {"assertions": {"rows": {"default": [5, 9]}}}, []),
        (Statistics(rows_in={"default": 10}), {"assertions": {"rows": {"default": [5, 9]}}}, ["guard-rows"]),
        (Statistics(rows_in={"default": 4}), {"assertions": {"rows": {"default": [5, 9]}}}, ["guard-rows"]),
        (Statistics(), {"assertions": {"rows": {"default": [1, 9]}}}, ["guard-rows"]),
        (Statistics(), {"assertions": {"filled": {"initiative.homepage": 0.1}}}, ["guard-filled"]),
        (Statistics(identifiers={"organization.siren": (0, 20)}), {}, ["guard-identifiers"]),
        (Statistics(identifiers={"organization.siren": (10, 20)}), {}, []),
        (Statistics(identifiers={"organization.siren": (0, 19)}), {}, []),
        (Statistics(identifiers={"organization.siren": (0, 0)}), {}, []),
        (
            Statistics(identifiers={"organization.siren": (2, 4)}),
            {"guards": {"identifiers": {"organization.siren": 0.6}}},
            ["guard-identifiers"],
        ),
        (
            Statistics(identifiers={"organization.siren": (2, 4)}),
            {"guards": {"identifiers": {"organization.siren": 0.5}}},
            [],
        ),
        (Statistics(licenses={"default": "lov2"}), {}, []),  # a code, which cannot be compared with an address
        (Statistics(licenses={"default": "https://example.org/other"}), {}, ["guard-license"]),
        (Statistics(before=20, changed=11), {}, []),  # nothing is compared with a harvest that is not there
    ],
)
def test_what_is_promised_is_judged_at_its_bounds(now: Statistics, more: dict[str, Any], expected: list[str]) -> None:
    assert judged(now, None, **more) == expected


@pytest.mark.parametrize(
    ("now", "before", "more", "expected"),
    [
        ({"rows_in": {"default": 50}}, {"rows_in": {"default": 100}}, {"guards": {"fewer": 0.5}}, []),
        ({"rows_in": {"default": 49}}, {"rows_in": {"default": 100}}, {"guards": {"fewer": 0.5}}, ["guard-fewer"]),
        ({"rows_in": {"default": 5}}, {"rows_in": {"default": 20}}, {}, ["guard-fewer"]),
        ({"rows_in": {"default": 5}}, {"rows_in": {"default": 19}}, {}, []),
        ({"rows_in": {"default": 0}}, {"rows_in": {"default": 0}}, {}, []),
        ({}, {"rows_in": {"default": 12}}, {}, ["guard-fewer"]),  # all of it is gone, however little that was
        ({"rows_in": {"other": 1}}, {"rows_in": {"other": 100}}, {}, []),  # no records are made of it
        (
            {"rows": {"initiative": 40}, "filled": {"initiative.homepage": 10}},
            {"rows": {"initiative": 20}, "filled": {"initiative.homepage": 10}},
            {},
            ["guard-filled-fell"],
        ),
        (
            {"rows": {"initiative": 40}, "filled": {"initiative.homepage": 10}},
            {"rows": {"initiative": 20}, "filled": {"initiative.homepage": 10}},
            {"guards": {"filled": 0.25}},
            [],
        ),
        (
            {"rows": {"initiative": 40}, "filled": {"initiative.homepage": 10}},
            {"rows": {"initiative": 19}, "filled": {"initiative.homepage": 19}},
            {},
            [],
        ),
        (
            {"identifiers": {"organization.siren": (15, 20)}},
            {"identifiers": {"organization.siren": (20, 20)}},
            {},
            ["guard-identifiers-fell"],
        ),
        (
            {"identifiers": {"organization.siren": (15, 20)}},
            {"identifiers": {"organization.siren": (20, 20)}},
            {"guards": {"valid_fell": 0.25}},
            [],
        ),
        (
            {"identifiers": {"organization.siren": (15, 20)}},
            {"identifiers": {"organization.siren": (19, 19)}},
            {},
            [],
        ),
        ({"before": 20, "appeared": 5, "vanished": 5}, {}, {}, []),
        ({"before": 20, "appeared": 5, "vanished": 5, "changed": 1}, {}, {}, ["guard-changed"]),
        ({"before": 19, "changed": 19}, {}, {}, []),
        ({"before": 20, "appeared": 20}, {}, {}, []),  # half of those that there are now
        ({"before": 20, "appeared": 21}, {}, {}, ["guard-changed"]),
        ({"before": 20, "vanished": 11}, {}, {}, ["guard-changed"]),  # of those that there were
        ({"before": 20, "vanished": 10}, {}, {}, []),
        ({"before": 0, "appeared": 30}, {}, {}, []),
        ({"columns": {}}, {"columns": {"default": ["id", "tel"]}}, {}, []),  # the distribution is no longer read
    ],
)
def test_what_has_changed_is_judged_at_its_bounds(
    now: dict[str, Any], before: dict[str, Any], more: dict[str, Any], expected: list[str]
) -> None:
    assert judged(Statistics(**now, bytes={"default": "b"}), Statistics(**before), **more) == expected


def test_a_finding_says_what_it_was_and_what_it_is() -> None:
    stated, other = Statistics(licenses={"default": "lov2"}), "https://example.org/other"
    (found,) = checks.check(card(), Statistics(licenses={"default": other}), stated)
    assert found.detail == {"found": other, "before": "lov2"}
    (found,) = checks.check(card(), Statistics(licenses={"default": other}), None)
    assert found.detail == {"found": other, "before": card().license}
    (found,) = checks.check(card(), Statistics(identifiers={"organization.siren": (5, 20)}), None)
    assert found.detail == {"found": "25.0%", "least": "50.0%", "given": "20"}
    now = Statistics(before=20, appeared=1, vanished=4, changed=10, bytes={"default": "b"})
    (found,) = checks.check(card(), now, Statistics())
    assert found.detail == {
        "share": "75.0%", "most": "50.0%", "appeared": "1", "vanished": "4", "changed": "10", "before": "20",
    }  # fmt: skip


def test_a_word_is_for_its_bytes_and_its_findings_or_fewer(source: Followed) -> None:
    few, bare = "  rows: {default: [90, 99]}\n", "  filled: {initiative.homepage: 0.5}\n"
    rows = [row(n) for n in range(30)]
    source.card("assertions:\n" + few + bare)
    with pytest.raises(GuardError):
        source.run(rows, "2026-01-01")
    kept = acceptance.accept(source.project, "lieux", "so it is", "me", "2026-01-02T08:00:00+00:00")
    assert kept.accepted is not None
    assert kept.accepted["when"] == "2026-01-02T08:00:00+00:00"
    source.card("assertions:\n" + few)  # fewer findings about the same bytes
    again = source.run(day="2026-01-03")
    assert again.accepted == kept.accepted
    with pytest.raises(GuardError):  # the same findings about other bytes
        source.run([*rows[:29], row(29, "Un autre nom")], "2026-01-04")
    source.card("assertions:\n  rows: {default: [95, 99]}\n")
    with pytest.raises(GuardError):  # another finding about the same bytes
        source.run(rows, "2026-01-05")
    acceptance.accept(source.project, "lieux", "so it is too", "me", "2026-01-06T08:00:00+00:00")
    assert source.run(day="2026-01-07").accepted is not None
