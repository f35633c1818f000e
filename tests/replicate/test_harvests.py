"""Harvests on machines that share nothing but a bucket: what one machine alone would have made, whatever goes wrong.

A machine is a data folder of its own. What is killed or runs beside is a process of its own too.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clirld import checksums
from clirld.cli.terminal import in_language
from clirld.errors import BusyError, DataError, GuardError, StorageAwayError, StorageError, UsageError
from clirld.fetch.stage import Origin
from clirld.harvest import acceptance, outcome
from clirld.records.erasure import erasure_list
from clirld.records.erasure.erasure_list import Request
from clirld.release import published
from clirld.replicate import pointer
from clirld.replicate.bucket import Bucket
from clirld.replicate.harvests import commit, exchange, given, shared
from clirld.replicate.harvests.exchange import exchange_of
from tests.dumps import quads_of
from tests.followed import Followed, row
from tests.replicate.stores import Store, files

ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(8)]
DAYS = {
    "2026-01-01": ROWS,
    "2026-01-02": [*ROWS[1:], row(77, "Un autre")],
    "2026-01-03": [*ROWS[2:], row(77, "Un autre")],
    "2026-01-04": [*ROWS[2:], row(77, "Un autre"), row(78, "Le dernier")],
}

CHILD = """\
import os, signal, sys
from clirld import stages
from clirld.fetch import download
from clirld.fetch.stage import Origin
from clirld.project import Project
from clirld.replicate.bucket import Bucket
from clirld.replicate.harvests import shared
from clirld.settings import Settings

stages.program_fingerprint = lambda: "program"
download.fetch_distribution.__kwdefaults__["now"] = lambda: "2026-01-02T06:00:00Z"
send, write = Bucket.send, Bucket.write
sent = 0

def here(*place):
    if place == tuple(sys.argv[1:]):
        os.kill(os.getpid(), signal.SIGKILL)

def send_and_count(bucket, key, path):
    global sent
    send(bucket, key, path)
    sent += 1
    here("sent", str(sent))

def commit(bucket, key, content, *, instead_of):
    here("commit", "before")
    written = write(bucket, key, content, instead_of=instead_of)
    here("commit", "after")
    return written

Bucket.send, Bucket.write = send_and_count, commit
project = Project.load(Settings.from_environment())
shared.harvest(project, project.sources["lieux"], Origin(), lambda _source, stage, state: here(stage, state))
"""


class Machines:
    """Machines by name, each with a data folder of its own; `home` has the territories, and makes the releases."""

    def __init__(self, source: Followed, bucket: Bucket) -> None:
        self._source, self.bucket = source, bucket
        self._settings = replace(source.settings, stages=str(bucket.address), retries=0, connect_timeout=5.0)
        assert bucket.address.endpoint
        source.monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.address.endpoint)

    def __getitem__(self, name: str) -> Followed:
        data = self._settings.data if name == "home" else self._settings.data.parent / name
        return Followed(replace(self._settings, data=data), self._source.monkeypatch)

    def harvest(self, name: str, day: str = "", rows: list[str] | None = None, **given: Any) -> outcome.Harvest:
        one = self[name]
        if rows is not None or day:
            one.write(DAYS[day] if rows is None else rows)
        if day:
            one.on(day)
        project = one.project
        return shared.harvest(project, project.sources["lieux"], Origin(), **given)

    def environment(self, name: str) -> dict[str, str]:
        settings = self[name].settings
        names = ("data", "sources", "workers", "stages", "retries", "erasure_key")
        return {**os.environ, **{f"CLIRLD_{one.upper()}": str(getattr(settings, one)) for one in names}}

    def run(self, name: str, *words: str) -> int:
        """The child on that machine; how it ended."""
        return subprocess.run([sys.executable, "-c", CHILD, *words], env=self.environment(name), check=False).returncode

    def keys(self) -> set[str]:
        """The objects of the source."""
        return set(self.bucket.objects("harvests/sources/lieux"))


@pytest.fixture
def machines(source: Followed, bucket: Bucket) -> Machines:
    found = Machines(source, bucket)
    shared.prepare(found["home"].project)
    return found


def state(machine: Followed, name: str = "lieux") -> dict[str, bytes]:
    """The bytes of what a data folder has of a source, but for when the files were written."""
    data = machine.settings.data
    places = [data / stage / name for stage in (*outcome.STAGES, "snapshots")]
    found = {f"{place.parent.name}/{path}": content for place in places for path, content in files(place).items()}
    found |= {path.name: path.read_bytes() for path in (data / "harvests").glob(f"{name}.*")}
    return {path: content for path, content in found.items() if not path.endswith(checksums.FILE)}


@pytest.fixture
def alone(source: Followed, tmp_path: Path) -> Followed:
    """A machine that knows no others."""
    shutil.copytree(source.settings.data, tmp_path / "alone", ignore=shutil.ignore_patterns(exchange.FOLDER))
    return Followed(replace(source.settings, data=tmp_path / "alone"), source.monkeypatch)


def test_a_history_on_machines_is_that_of_one(machines: Machines, alone: Followed) -> None:
    for number, (day, rows) in enumerate(DAYS.items()):
        made, expected = machines.harvest(f"worker-{number % 2}", day), alone.run(rows, day)
        assert made.account.summary() == expected.account.summary()
        assert made.as_data(machines[f"worker-{number % 2}"].settings.data) == expected.as_data(alone.settings.data)
    assert made.account.summary()["missing"] == 2  # what is carried over came from the other machine
    release, is_new, damaged = shared.release(machines["home"].project)
    assert is_new
    assert damaged == {}
    single, _is_new, _damaged = shared.release(alone.project)
    assert quads_of(release.folder) == quads_of(single.folder)
    assert len(quads_of(release.folder)) > 100
    tables = {path: content for path, content in files(release.folder / "tables").items() if path.endswith(".csv")}
    assert tables == {path: files(single.folder / "tables")[path] for path in tables}
    assert state(machines["home"]) == state(machines["worker-1"])
    found = machines.bucket.read(pointer.KEY)
    assert found
    assert pointer.read(found[0], "").release == release.id


def test_nothing_is_sent_or_fetched_twice(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines.harvest("worker", "2026-01-01")
    before = machines.keys()
    sent: list[str] = []
    fetched: list[str] = []
    send, download = Bucket.send, Bucket.download
    monkeypatch.setattr(Bucket, "send", lambda self, key, path: (sent.append(path.name), send(self, key, path))[1])
    monkeypatch.setattr(
        Bucket, "download", lambda self, key, path: (fetched.append(path.name), download(self, key, path))[1]
    )
    machines.harvest("worker", "2026-01-02", ROWS)
    assert fetched == []
    assert set(sent) == {"latest.json", "lieux.json"}  # its copy is the same
    assert len(machines.keys() & before) > 10
    shared.prepare(machines["home"].project)
    assert len(fetched) > 10
    fetched.clear()
    shared.prepare(machines["home"].project)
    assert fetched == []


@pytest.mark.parametrize(
    "place",
    [("records", "done"), ("guards", "done"), ("sent", "5"), ("commit", "before"), ("commit", "after")],
    ids="-".join,
)
def test_a_killed_machine_is_survived(machines: Machines, alone: Followed, place: tuple[str, str]) -> None:
    alone.run(DAYS["2026-01-01"], "2026-01-01")
    first = machines.harvest("first", "2026-01-01")
    machines["killed"].write(DAYS["2026-01-02"])
    assert machines.run("killed", *place) == -signal.SIGKILL
    shared.prepare(machines["home"].project)
    killed, home = (outcome.last_good(machines[name].project, "lieux") for name in ("killed", "home"))
    of = killed if place == ("commit", "after") else first
    assert home
    assert of
    assert [folder.name for folder in home.folders] == [folder.name for folder in of.folders]
    alone.run(DAYS["2026-01-02"], "2026-01-02")
    machines.harvest("other", "2026-01-02")
    machines.harvest("killed", "2026-01-02")  # it comes back with what it had
    shared.prepare(machines["home"].project)
    assert machines["home"].lines() == alone.lines()
    assert state(machines["home"]) == state(machines["killed"])
    assert not [path for path in machines["killed"].settings.data.rglob(".*") if path.is_file()]


def test_two_machines_at_one_source_at_once(machines: Machines, alone: Followed) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        alone.run(DAYS[day], day)
    machines.harvest("first", "2026-01-01")
    machines["first"].write(DAYS["2026-01-02"])
    running = [
        subprocess.Popen([sys.executable, "-c", CHILD], env=machines.environment(name)) for name in ("one", "two")
    ]
    assert [one.wait() for one in running] == [0, 0]
    shared.prepare(machines["home"].project)
    assert machines["home"].lines() == alone.lines()


def committing(machines: Machines, day: str, times: int) -> Callable[[str, Callable[[], Any]], Any]:
    """Runs stages; in the middle, another machine commits the same source so many times."""
    left = iter(range(times))

    def call(stage: str, work: Callable[[], Any]) -> Any:
        made = work()
        if stage == "validate" and (number := next(left, None)) is not None:
            machines.harvest(f"quicker-{number}", day, [*DAYS[day], row(900 + number, f"Le rival {'abc'[number]}")])
            if times > 1:
                machines["worker"].write(DAYS[day])  # so that it has something of its own to commit
        return made

    return call


def test_who_is_overtaken_begins_anew_from_what_was_committed(
    machines: Machines, caplog: pytest.LogCaptureFixture
) -> None:
    machines.harvest("worker", "2026-01-01")
    made = machines.harvest("worker", "2026-01-02", call=committing(machines, "2026-01-02", 1))
    assert "another machine has committed this source meanwhile" in caplog.text
    assert made.account.summary()["published"] == 9  # with the rival, which came and stays as the file has it now
    shared.prepare(machines["home"].project)
    assert state(machines["home"]) == state(machines["worker"])


def test_who_is_overtaken_time_after_time_says_so(machines: Machines) -> None:
    machines.harvest("worker", "2026-01-01")
    with pytest.raises(BusyError, match="meanwhile") as problem:
        machines.harvest("worker", "2026-01-02", call=committing(machines, "2026-01-02", 3))
    assert "une autre machine a moissonné" in in_language(problem.value, "fr")["what"]
    shared.prepare(machines["home"].project)
    assert state(machines["home"]) == state(machines["quicker-2"])


def damage(bucket: Bucket, key: str, content: bytes | None) -> None:
    bucket.delete([key])
    if content is not None:
        assert bucket.write(key, content, instead_of=None)


@pytest.fixture
def harvested(machines: Machines) -> Machines:
    """Harvested on one machine, and at home."""
    machines.harvest("worker", "2026-01-01")
    shared.prepare(machines["home"].project)
    return machines


@pytest.mark.parametrize("content", [None, b"something else"], ids=["gone", "changed"])
@pytest.mark.parametrize("stage", ["graphs", "presence", "snapshots", "harvests"])
def test_a_damaged_object_is_found_and_told_and_can_be_mended(
    harvested: Machines, stage: str, content: bytes | None
) -> None:
    shelf = commit.Shelf(harvested.bucket, "lieux")
    said = shelf.read()
    assert said
    file = next(file for path, file in said.files.items() if path.startswith(f"{stage}/"))
    damage(harvested.bucket, f"harvests/sources/lieux/{file.attempt}/{file.checksum.sha256}", content)
    with pytest.raises(StorageError, match="is damaged in the bucket") as problem:
        harvested.harvest("new", "2026-01-02")
    named = [one for one, same in said.files.items() if same.checksum.sha256 == file.checksum.sha256]
    assert any(one in problem.value.what for one in named)
    assert "abîmée dans le compartiment" in in_language(problem.value, "fr")["what"]
    assert not (harvested["new"].settings.data / "harvests" / "lieux.json").exists()
    assert outcome.last_good(harvested["home"].project, "lieux")  # where it is here already, nothing is asked
    harvested.bucket.delete(["harvests/sources/lieux/commit.json"])  # as the message says
    with pytest.raises(StorageError, match="no longer has the harvest of lieux"):
        harvested.harvest("worker", "2026-01-02")
    shared.prepare(harvested["home"].project)
    harvested.harvest("new", "2026-01-02")


def test_a_release_tells_of_a_source_that_is_damaged_there(harvested: Machines) -> None:
    harvested.harvest("worker", "2026-01-02")
    said = commit.Shelf(harvested.bucket, "lieux").read()
    assert said
    file = next(file for path, file in said.files.items() if path.startswith("validated/") and "report" in path)
    damage(harvested.bucket, f"harvests/sources/lieux/{file.attempt}/{file.checksum.sha256}", b"else")
    release, _is_new, damaged = shared.release(harvested["home"].project)
    assert list(damaged) == ["lieux"]
    assert {one["id"]: one["published"] for one in release.manifest["sources"]}["lieux"] == 8  # of the day before


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b'{"format": 1}', b'{"format": 1, "files": {}, "checksum": "x"}'],
    ids=["empty", "list", "half", "other"],
)
def test_a_damaged_commit_is_told(harvested: Machines, content: bytes) -> None:
    damage(harvested.bucket, "harvests/sources/lieux/commit.json", content)
    with pytest.raises(StorageError, match="this commit of a harvest is damaged"):
        harvested.harvest("worker", "2026-01-02")
    damage(harvested.bucket, "harvests/sources/lieux/commit.json", b'{"format": 2}')
    with pytest.raises(StorageError, match="another version of clirld"):
        harvested.harvest("worker", "2026-01-02")
    damage(harvested.bucket, given.KEY, content)
    with pytest.raises(StorageError, match="what people said of harvests is damaged"):
        harvested.harvest("worker", "2026-01-02")


def test_no_path_of_a_commit_leads_out_of_its_source() -> None:
    out = ["../x", "harvests/../x", "/etc/x", "harvests/other.json", "graphs/other/1/x", "releases/1/x", "harvests/a/b"]
    file = commit.File(checksums.Checksum(1, 1, "0" * 64), "attempt")
    for path in [*out, "graphs/lieux/../x", "graphs/lieux//x", "graphs/lieux/x"]:
        with pytest.raises(StorageError, match="damaged"):
            commit.parsed(commit.Commit({path: file}).written(), "", "lieux", "there")
    fine = commit.Commit({"graphs/lieux/1/x": file, "harvests/lieux.json": file}, "1")
    assert commit.parsed(fine.written(), "1", "lieux", "there") == fine


@pytest.fixture
def back(store: Store) -> Iterator[None]:
    """Whatever fails, the store is there for the next test."""
    yield
    store.stop()
    store.start()


@pytest.mark.usefixtures("back")
def test_with_the_store_away_nothing_is_lost(harvested: Machines, store: Store) -> None:
    def away(stage: str, work: Callable[[], Any]) -> Any:
        if stage == "guards":
            store.stop()
        return work()

    with pytest.raises(StorageAwayError, match="does not answer"):
        harvested.harvest("worker", "2026-01-02", call=away)
    mine = outcome.last_good(harvested["worker"].project, "lieux")
    assert mine
    before = state(harvested["home"])
    for name in ("worker", "new"):
        with pytest.raises(StorageAwayError):
            harvested.harvest(name, call=lambda *_: pytest.fail("nobody is asked meanwhile"))
    with pytest.raises(StorageAwayError):
        shared.release(harvested["home"].project)
    assert state(harvested["home"]) == before
    store.start()
    made = harvested.harvest("worker")
    assert made.guards == mine.guards  # what it had made is what is committed
    shared.prepare(harvested["home"].project)
    assert state(harvested["home"]) == state(harvested["worker"])


@pytest.mark.usefixtures("back")
def test_a_failure_is_told_although_the_store_is_away(
    harvested: Machines, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(stage: str, work: Callable[[], Any]) -> Any:
        if stage == "map":
            store.stop()
            raise DataError("something of the data")
        return work()

    with pytest.raises(DataError, match="something of the data"):
        harvested.harvest("worker", "2026-01-02", call=fail)
    assert "does not answer" in caplog.text


def test_what_people_say_at_home_counts_everywhere(harvested: Machines) -> None:
    home = harvested["home"]
    few = ROWS[:7]
    home.card("assertions: {rows: {default: [8, 20]}}\n")
    with pytest.raises(GuardError):
        harvested.harvest("worker", "2026-01-02", few)
    shared.prepare(home.project)
    assert outcome.failure(home.project, "lieux")
    acceptance.accept(home.project, "lieux", "it is so", "somebody")
    shared.prepare(home.project)  # and so it is committed
    made = harvested.harvest("other", "2026-01-02", few)
    assert made.accepted
    assert made.accepted["because"] == "it is so"
    key = erasure_list.key_of(home.settings)
    home.card()
    request = Request("record", "lieux", erasure_list.digest(key, "record", "lieux", "1"))
    erasure_list.add(home.settings, [request], "asked", "somebody")
    shared.prepare(home.project)
    made = harvested.harvest("worker", "2026-01-03", few)
    assert made.account.summary()["published"] == 6
    assert erasure_list.read(harvested["worker"].settings) == erasure_list.read(home.settings)
    harvested["worker"].settings.erasure_file.unlink()
    harvested.harvest("worker", "2026-01-03", few)  # brought again
    unsigned = replace(harvested["worker"].settings, erasure_key="")
    with pytest.raises(DataError, match="no key to apply them with"):
        shared.harvest(Followed(unsigned, home.monkeypatch).project, home.project.sources["lieux"], Origin())


def test_what_is_no_longer_needed_is_deleted(harvested: Machines) -> None:
    first = commit.Shelf(harvested.bucket, "lieux").read()
    assert first
    harvested.bucket.write("harvests/sources/lieux/20250101T000000Z-killed/x", b"x", instead_of=None)
    recent = f"harvests/sources/lieux/{datetime.now(UTC) - timedelta(hours=2):%Y%m%dT%H%M%SZ}-killed/x"
    harvested.bucket.write(recent, b"x", instead_of=None)
    harvested.harvest("worker", "2026-01-02")
    second = commit.Shelf(harvested.bucket, "lieux").read()
    assert second
    named = {f"{file.attempt}/{file.checksum.sha256}" for file in second.files.values()}
    assert harvested.keys() == {*named, "commit.json", recent.removeprefix("harvests/sources/lieux/")}
    shared.prepare(harvested["home"].project)
    for machine in (harvested["home"], harvested["worker"]):  # what was erased elsewhere goes here too
        data = machine.settings.data
        for stage in outcome.STAGES:
            folders = {path.relative_to(data).as_posix() for path in (data / stage / "lieux").iterdir()}
            assert folders == {"/".join(path.split("/")[:3]) for path in second.files if path.startswith(f"{stage}/")}


def test_folders_that_are_not_of_this_exchange_are_refused(harvested: Machines, alone: Followed) -> None:
    alone.run(ROWS, "2026-01-01")
    mine = replace(alone.settings, stages=harvested["home"].settings.stages)
    with pytest.raises(UsageError, match="harvests of its own"):
        exchange_of(Followed(mine, alone.monkeypatch).project)
    other = replace(harvested["home"].settings, stages="s3://releases/elsewhere")
    with pytest.raises(UsageError, match="exchanges its harvests with s3://releases/test"):
        exchange_of(Followed(other, alone.monkeypatch).project)
    alone.monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    alone.monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match="nothing says who"):
        exchange_of(harvested["home"].project)


def test_the_command(harvested: Machines) -> None:
    harvested["home"].write(DAYS["2026-01-02"])
    command = [sys.executable, "-c", "from clirld.cli.app import main; main()", "run", "lieux", "--json"]
    environment = harvested.environment("home") | {"CLIRLD_LANGUAGE": "en"}
    environment.pop("CLIRLD_STAGES")
    told = subprocess.run(
        [*command, "--stages", str(harvested.bucket.address)],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    release = published.current(harvested["home"].settings.data)
    found = harvested.bucket.read(pointer.KEY)
    assert release
    assert found
    assert pointer.read(found[0], "").release == release.id == json.loads(told.stdout)["release"]["id"]
    assert (harvested["home"].settings.data / exchange.FOLDER / "lieux.json").is_file()
