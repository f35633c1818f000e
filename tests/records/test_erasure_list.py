"""The list of erasures fails loudly: another key, a list that is not found, a request that is gone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clirld.cli import app
from clirld.errors import DataError, UsageError
from clirld.harvest import acceptance, outcome
from clirld.records.erasure import erasure_list, matching
from clirld.release import published
from clirld.release.make import make_release
from clirld.settings import Settings
from tests.followed import KEY, Followed, row

OTHER_KEY = "another key that nobody knows"
SIREN = "552100554"
ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)] + [row("zeta9", "Chez Zénobie Quelconque", siren=SIREN)]


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but for locks."""
    paths = [path for path in folder.rglob("*") if path.is_file() and "locks" not in path.parts]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def uses(source: Followed) -> dict[str, Callable[[], object]]:
    """Whatever applies the list."""
    return {
        "run": lambda: source.run(ROWS, "2026-01-03"),
        "release": lambda: make_release(source.project, force=True),
        "accept": lambda: acceptance.accept(source.project, "lieux", "it is right", "me"),
        "erase": lambda: matching.add_request(source.settings, "siren", "356000000", "x", "me"),
    }


def test_another_key_is_refused_before_anything_is_written(source: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    matching.add_request(source.settings, "siren", SIREN, "asked by letter", "me")
    source.run(ROWS, "2026-01-01")
    release, _new = make_release(source.project)
    source.settings = replace(source.settings, erasure_key=OTHER_KEY)
    before = files(source.settings.data)
    for name, use in uses(source).items():
        with pytest.raises(DataError, match="not the one that the list of erasures was made with"):
            use()
        assert files(source.settings.data) == before, name
    for name, value in (("SOURCES", source.settings.sources), ("DATA", source.settings.data), ("LANGUAGE", "en")):
        monkeypatch.setenv(f"CLIRLD_{name}", str(value))
    monkeypatch.setenv("CLIRLD_ERASURE_KEY", OTHER_KEY)
    with pytest.raises(DataError, match="not the one"):
        CliRunner().invoke(app.app, ["run", "--all"], catch_exceptions=False)
    assert files(source.settings.data) == before
    served = published.current(source.settings.data)
    assert served is not None
    assert served.id == release.id
    # and with the first key all goes on as if nothing had been
    source.settings = replace(source.settings, erasure_key=KEY)
    made = source.run([*ROWS, row(7, "Un autre")], "2026-01-02")
    assert made.account.summary()["reasons"]["dropped"] == {"erased": 1}
    make_release(source.project)
    assert not any("Zénobie" in quad for quad in source.lines())


def test_what_was_made_with_one_key_is_not_taken_for_what_another_made(tmp_path: Path) -> None:
    lists = []
    for key in (KEY, OTHER_KEY):
        settings = replace(Settings.from_environment({}), data=tmp_path / key, erasure_key=key)
        matching.add_request(settings, "siren", SIREN, "x", "me")
        lists.append(matching.load(settings, "lieux"))
    assert lists[0] is not None
    assert lists[1] is not None
    same_hashes = replace(lists[1], hashes=lists[0].hashes)
    assert lists[0].fingerprint != same_hashes.fingerprint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = replace(Settings.from_environment({}), data=tmp_path / "data", erasure_key=KEY)
    matching.add_request(found, "siren", SIREN, "x", "me")
    matching.add_request(found, "record", "1", "x", "me", "lieux")
    return found


def rewrite(settings: Settings, change: Callable[[list[str]], list[str]]) -> None:
    lines = settings.erasure_file.read_text(encoding="utf-8").splitlines()
    settings.erasure_file.write_text("".join(f"{line}\n" for line in change(lines)), encoding="utf-8")


def test_a_list_that_is_lost_or_shorter_stops_everything(settings: Settings) -> None:
    seen = settings.data / "erased.json"
    for change, lost in ((lambda lines: lines[:1], 1), (lambda _lines: [], 2)):
        text = settings.erasure_file.read_text(encoding="utf-8")
        rewrite(settings, change)
        with pytest.raises(DataError, match=f"{lost} of 2 requests to erase are no longer in the list") as caught:
            erasure_list.read(settings)
        assert caught.value.where == str(settings.erasure_file)
        assert "CLIRLD_ERASURES" in caught.value.do
        assert str(seen) in caught.value.do
        settings.erasure_file.write_text(text, encoding="utf-8")
    settings.erasure_file.unlink()
    for key in (KEY, ""):
        with pytest.raises(DataError, match="2 of 2 requests"):
            erasure_list.read(replace(settings, erasure_key=key))
    with pytest.raises(DataError, match="2 of 2 requests"):
        matching.add_request(settings, "siren", "356000000", "x", "me")
    assert not settings.erasure_file.exists()


def test_a_request_is_taken_back_on_purpose_in_two_places(settings: Settings) -> None:
    seen = settings.data / "erased.json"
    data = json.loads(seen.read_text(encoding="utf-8"))
    taken = json.loads(settings.erasure_file.read_text(encoding="utf-8").splitlines()[0])["hash"]
    rewrite(settings, lambda lines: lines[1:])
    seen.write_text(json.dumps({**data, "requests": [one for one in data["requests"] if one != taken]}))
    listed = erasure_list.read(settings)
    assert listed is not None
    assert [request.kind for request in listed.requests] == ["record"]


def test_nothing_was_ever_erased(tmp_path: Path) -> None:
    settings = replace(Settings.from_environment({}), data=tmp_path / "data", erasure_key=KEY)
    assert erasure_list.read(settings) is None
    assert not settings.data.exists()
    named = replace(settings, erasures=str(tmp_path / "list.jsonl"))
    for use in (
        lambda: erasure_list.read(named),
        lambda: matching.add_request(named, "siren", SIREN, "x", "me"),
    ):
        with pytest.raises(DataError, match="the list of erasures is not there"):
            use()
    named.erasure_file.touch()
    assert erasure_list.read(named) is None
    assert matching.add_request(named, "siren", SIREN, "x", "me")


def test_the_list_may_be_elsewhere_and_is_missed_all_the_same(settings: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.jsonl"
    settings.erasure_file.rename(moved)
    assert erasure_list.read(replace(settings, erasures=str(moved))) is not None
    with pytest.raises(DataError, match="is not there"):
        erasure_list.read(replace(settings, erasures=str(tmp_path / "elsewere.jsonl")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"check": None}, "no check value of its key"),
        ({"check": "0" * 64}, "not the one that the list"),
        ({"hash": None}, None),
    ],
)
def test_a_line_that_is_not_as_it_was_written(
    settings: Settings, change: dict[str, str | None], message: str | None
) -> None:
    def damage(lines: list[str]) -> list[str]:
        data = json.loads(lines[0]) | change
        return [json.dumps({name: data[name] for name in data if change.get(name, "") is not None}), *lines[1:]]

    rewrite(settings, damage)
    with pytest.raises(DataError, match=message or "not whole") as caught:
        erasure_list.read(settings)
    assert str(settings.erasure_file) in caught.value.where
    assert caught.value.do


def test_a_list_of_another_key_is_not_taken_for_this_one(settings: Settings, tmp_path: Path) -> None:
    """Whole in itself, and not the list that was used here."""
    other = replace(settings, data=tmp_path / "other", erasure_key=OTHER_KEY)
    matching.add_request(other, "siren", SIREN, "x", "me")
    with pytest.raises(DataError, match="no longer in the list"):
        erasure_list.read(replace(other, data=settings.data, erasures=str(other.erasure_file)))


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_what_the_list_had_is_not_guessed(settings: Settings, text: str) -> None:
    (settings.data / "erased.json").write_text(text)
    with pytest.raises(DataError, match="not whole") as caught:
        erasure_list.read(settings)
    assert caught.value.where == str(settings.data / "erased.json")


def test_a_short_key_makes_no_list(tmp_path: Path) -> None:
    settings = replace(Settings.from_environment({}), data=tmp_path / "data", erasure_key="short")
    with pytest.raises(UsageError, match="too short"):
        matching.add_request(settings, "siren", SIREN, "x", "me")
    assert not settings.erasure_file.exists()


def test_the_last_good_harvest_stays_where_the_list_is_lost(source: Followed) -> None:
    matching.add_request(source.settings, "siren", SIREN, "x", "me")
    good = source.run(ROWS, "2026-01-01")
    source.settings.erasure_file.unlink()
    with pytest.raises(DataError, match="1 of 1 requests"):
        source.run(ROWS[:5], "2026-01-02")
    assert outcome.last_good(source.project, "lieux") == good
    assert outcome.failure(source.project, "lieux") is None


def test_the_key_has_sixteen_characters_and_is_shown_nowhere(tmp_path: Path) -> None:
    settings = replace(Settings.from_environment({}), data=tmp_path, erasure_key="abcdefgh12345678")
    assert erasure_list.key_of(settings) == b"abcdefgh12345678"
    with pytest.raises(UsageError, match="too short"):
        erasure_list.key_of(replace(settings, erasure_key="abcdefgh1234567"))
    assert "12345678" not in repr(erasure_list.ErasureList(b"abcdefgh12345678", ()))
