"""A release that a person withdraws is given no more, nor what repeats it; a kill leaves it to the next time."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clirld import checksums, stages
from clirld.cli import app
from clirld.errors import ClirldError, ReleaseError, UsageError
from clirld.records.erasure import matching
from clirld.release import history, published, tidy
from clirld.release.make import make_release
from clirld.release.published import Release
from clirld.release.unavailable import mark, repeated
from clirld.release.unavailable.erased import mark_releases
from clirld.release.unavailable.withdrawn import public_reason, withdraw
from tests.followed import Followed, followed, row

TRACE = b"zenobie-fictif"
PLACES = [row(n, f"Le lieu {'abcdefghij'[n]}", site=f"https://exemple.org/{TRACE.decode()}/{n}") for n in range(5)]
WHY = "une colonne publiée par erreur"


def publish(source: Followed, day: str, rows: list[str] | None = None) -> Release:
    source.run(rows, day)
    made, new = make_release(source.project)
    assert new
    return made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a source with two releases that have the column, and one without it, which is served."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patched:
        source = followed(folder, patched)
        publish(source, "2026-01-01", PLACES)
        publish(source, "2026-01-02", PLACES[:4])
        source.card(**{"site: homepage": "site: ~"})
        publish(source, "2026-01-03")
    return folder


@pytest.fixture
def corrected(source: Followed, made: Path) -> list[Release]:
    """Those three releases, of a copy of it that is the source of the test."""
    source.become(made)
    source.on("2026-01-03")
    return published.all_releases(source.settings.data)[::-1]


def call(*words: str, code: int = 0) -> str:
    told = CliRunner().invoke(app.app, words)
    if isinstance(told.exception, ClirldError):
        raise told.exception
    assert told.exit_code == code
    return told.output


def traces(folder: Path) -> list[str]:
    """The text files of a release in which the column can be read."""
    found = []
    for path in (path for path in sorted(folder.rglob("*")) if path.is_file() and "store" not in path.parts):
        body = path.read_bytes()
        if TRACE in (gzip.decompress(body) if path.suffix == ".gz" else body):
            found.append(path.relative_to(folder).as_posix())
    return found


def test_a_column_that_was_published_by_mistake(source: Followed, corrected: list[Release]) -> None:
    first, second, served = corrected
    data = source.settings.data
    assert traces(first.folder)
    assert {path.split("/")[0] for path in traces(served.folder)} == {"changes", "feed"}
    told = call("releases", "--withdraw", first.id, "--withdraw", second.id, "--because", WHY, "--by", "l'équipe")
    assert f"release {first.id} is withdrawn" in told
    assert "the patches or the feed of the release that is served repeat what is withdrawn" in told
    listed = json.loads(call("releases", "--json"))
    assert {one["id"]: one["withdrawn"] for one in listed["releases"]} == {
        first.id: True,
        second.id: True,
        served.id: False,
    }
    assert listed["withdrawn"][first.id] | {"when": ""} == {
        "when": "",
        "because": WHY,
        "by": "l'équipe",
        "sequence": 1,
    }
    assert "✗ withdrawn on" in call("releases")
    # nothing of the content has changed, but what is served repeats what was withdrawn
    after = publish(source, "2026-01-04")
    assert after.manifest["version"] == served.manifest["version"]
    assert traces(after.folder) == []
    assert make_release(source.project) == (after, False)
    # whatever is to be kept
    freed = tidy.unused_paths(source.project, 50)
    assert {first.folder, second.folder} < set(freed)
    tidy.delete(freed)
    assert tidy.unused_paths(source.project, 50) == []
    assert [one.id for one in published.all_releases(data)] == [after.id, served.id]
    assert traces(data / "releases") == []
    assert [published.damaged_files(one) for one in published.all_releases(data)] == [[], []]
    assert (served.folder / "changes" / "summary.json").is_file()
    # and for ever
    for words in (["releases", "--use", first.id], ["query", "ASK {}", "--release", first.id]):
        with pytest.raises(ReleaseError, match=f"{first.id} was withdrawn on .*: {WHY}"):
            call(*words)
    assert f"{second.id} ✗ withdrawn on " in call("releases")
    assert publish(source, "2026-01-05", [*PLACES, row(9, "Le lieu neuf")])
    assert mark_releases(source.settings) == {first.id, second.id}


def test_tidying_before_the_next_release_leaves_what_is_served_whole(
    source: Followed, corrected: list[Release]
) -> None:
    first, second, served = corrected
    withdraw(source.settings.data, [first.id, second.id], WHY, "me")
    tidy.delete(tidy.unused_paths(source.project, 1))
    assert traces(served.folder) == []
    assert published.damaged_files(served) == []
    after, new = make_release(source.project)
    assert new
    assert json.loads((after.folder / "changes" / "summary.json").read_text())["from"]["id"] == served.id
    assert not repeated.by_anything(after.folder, [first.id, second.id])


@pytest.mark.parametrize("moment", ["marks", "checksums", "files"])
def test_a_kill_leaves_it_to_the_next_time(
    source: Followed, corrected: list[Release], monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    first, second, served = corrected
    data, ids = source.settings.data, [first.id, second.id]
    left = {"marks": 1, "checksums": 0, "files": 1}[moment]

    def killed(real: Any) -> Any:
        def call_or_die(*given: Any, **more: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise KeyboardInterrupt
            return real(*given, **more)

        return call_or_die

    def withdraw_and_tidy() -> None:
        withdraw(data, ids, WHY, "me")
        tidy.delete(tidy.unused_paths(source.project, 1))

    target: tuple[Any, str] = {
        "marks": (stages, "write_json"),
        "checksums": (checksums, "forget"),
        "files": (Path, "unlink"),
    }[moment]
    with monkeypatch.context() as patched:
        patched.setattr(*target, killed(getattr(*target)))
        with pytest.raises(KeyboardInterrupt):
            withdraw_and_tidy()
    assert mark.withdrawal_of(data, first.id)
    assert withdraw(data, ids, WHY, "me") == ([second.id] if moment == "marks" else [])
    after, new = make_release(source.project)
    assert new
    tidy.delete(tidy.unused_paths(source.project, 5))
    assert traces(data / "releases") == []
    assert {one.id for one in published.all_releases(data)} == {after.id, served.id}
    assert [published.damaged_files(one) for one in published.all_releases(data)] == [[], []]


def test_what_is_refused(source: Followed, corrected: list[Release]) -> None:
    first, second, served = corrected
    data = source.settings.data
    with pytest.raises(ReleaseError, match=f"release {served.id} is the one that is served") as refused:
        call("releases", "--withdraw", first.id, "--withdraw", served.id, "--because", WHY)
    assert "make a corrected one first" in refused.value.do
    for unknown in ("20250101T000000Z-00000000", "../releases", "", "current"):
        with pytest.raises(ReleaseError, match="no release") as refused:
            withdraw(data, [first.id, unknown], WHY, "me")
        assert refused.value.do == f"there are: {served.id}, {second.id}, {first.id}"
    for words in (["--because", WHY], ["--withdraw", first.id, "--use", second.id, "--because", WHY]):
        with pytest.raises(UsageError, match="not said, or twice"):
            call("releases", *words)
    assert mark.withdrawals(data) == {}  # all or none
    with pytest.raises(UsageError, match="no reason is given"):
        call("releases", "--withdraw", first.id)
    withdraw(data, [first.id], WHY, "me")
    told = call("releases", "--withdraw", first.id, "--because", "autre chose")
    assert f"release {first.id} was withdrawn already" in told
    found = mark.withdrawal_of(data, first.id)
    assert found
    assert (found.because, found.by) == (WHY, "me")
    with pytest.raises(ReleaseError, match="no release") as refused:
        withdraw(data, ["2025"], WHY, "me")
    assert refused.value.do == f"there are: {served.id}, {second.id}"


@pytest.mark.parametrize(
    "reason",
    [
        "colonne de Mme Jeanne Exemple",
        "demandé par Jeanne Exemple",
        "écrire à jeanne@exemple.fr",
        "EXEMPLE Jeanne",
        "06 12 34 56 78",
    ],
)
def test_a_reason_names_nobody(reason: str) -> None:
    with pytest.raises(UsageError, match="the reason names a person"):
        public_reason(reason)


def test_a_reason_is_one_line_that_can_be_printed() -> None:
    assert public_reason(" une\ncolonne \x1b[31mde\x00 trop\u202f: [b]x[/b] ") == "une colonne [31mde trop : [b]x[/b]"
    with pytest.raises(UsageError):
        public_reason("\x00 \n")


def test_a_reason_is_shown_as_it_is(source: Followed, corrected: list[Release]) -> None:
    first, _second, _served = corrected
    call("releases", "--withdraw", first.id, "--because", "colonne [b]en trop")
    assert "[b]en trop" in call("releases")


def test_one_that_is_gone_already_has_pages_in_the_feed_of_others(source: Followed, corrected: list[Release]) -> None:
    first, second, served = corrected
    data = source.settings.data
    history.remember(data)
    tidy.delete([first.folder, second.folder])
    assert traces(served.folder)
    assert withdraw(data, [first.id, second.id], WHY, "me") == [first.id, second.id]
    after, new = make_release(source.project)
    assert new
    assert traces(after.folder) == []
    tidy.delete(tidy.unused_paths(source.project, 5))
    assert traces(data / "releases") == []


def test_whoever_goes_back_and_deletes_does_not_go_on_with_the_feed(source: Followed) -> None:
    source.card(**{"site: homepage": "site: ~"})
    clean = publish(source, "2026-01-01", PLACES)
    source.card()
    wrong = publish(source, "2026-01-02")
    data = source.settings.data
    published.switch_to(data, clean.id)
    withdraw(data, [wrong.id], WHY, "me")
    tidy.delete(tidy.unused_paths(source.project, 1))
    assert not wrong.folder.exists()
    source.card(**{"site: homepage": "site: ~"})
    after = publish(source, "2026-01-03", [*PLACES, row(9, "Le lieu neuf")])
    said = json.loads((after.folder / "changes" / "summary.json").read_text())
    assert (said["from"]["id"], said["withheld"]) == (clean.id, True)
    index = (after.folder / "feed" / "lieux" / "index.trig").read_text()
    assert clean.id not in index
    again = publish(source, "2026-01-04", PLACES)
    assert not json.loads((again.folder / "changes" / "summary.json").read_text())["withheld"]


def test_a_mark_that_is_damaged_counts_and_erasing_leaves_it_alone(source: Followed, corrected: list[Release]) -> None:
    first, second, _served = corrected
    data = source.settings.data
    withdraw(data, [first.id, second.id], WHY, "me")
    for text in ("{", "[]", "{}", '{"when": 1, "sequence": "x"}', "\xff"):
        (data / mark.WITHDRAWN / f"{first.id}.json").write_bytes(text.encode("latin-1"))
        assert list(mark.withdrawals(data)) == [first.id, second.id]
        with pytest.raises(ReleaseError, match="was withdrawn on"):
            published.load_kept(data, first.id)
        with pytest.raises(ReleaseError, match="was withdrawn on"):
            published.switch_to(data, first.id)
    assert mark_releases(source.settings) == {first.id, second.id}
    matching.add_request(source.settings, "siren", "552100554", "x", "me")
    assert mark_releases(source.settings) == {first.id, second.id}
    assert not mark.mark_of(data, second.id).holds_erased
    assert mark.mark_of(data, second.id).withdrawal


def test_what_nothing_is_known_of_is_not_refused() -> None:
    assert not mark.Mark().is_refused
    assert mark.Mark(holds_erased=True).is_refused
