"""deploy/backup and deploy/restore: what is restored is what was there, and goes on as if nothing had been."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from clirld import checksums
from clirld.errors import DataError
from clirld.harvest import outcome
from clirld.records.erasure import matching
from clirld.release import published
from clirld.release.make import make_release
from tests.conftest import PROJECT
from tests.followed import Followed, row

SIREN = "552100554"
ROWS = [row(n, f"Le lieu {'abcdefghij'[n]}") for n in range(5)] + [row("zeta9", "Chez Zénobie Quelconque", siren=SIREN)]
MADE_ANEW = ("locks", "hosts", "erased-releases", "demo")
"""Of the data folder: not in a backup."""


def run(tool: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PROJECT / "deploy" / tool, *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def described(folder: Path) -> dict[str, tuple[object, ...]]:
    """Everything that is to be kept: where links lead; mode, size, time and bytes of files, and which are one."""
    found: dict[str, tuple[object, ...]] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if name.parts[0] in MADE_ANEW or any(part.startswith(".") for part in name.parts):
            continue
        if path.is_symlink():
            found[str(name)] = ("link", str(path.readlink()))
        elif path.is_file():
            state = path.stat()
            found[str(name)] = (
                state.st_mode,
                state.st_size,
                state.st_mtime_ns,
                state.st_nlink,
                checksums.sha256_of(path),
            )
        else:
            found[str(name)] = ("folder", path.stat().st_mode)
    return found


@pytest.fixture
def kept(source: Followed, tmp_path: Path) -> Path:
    """The archive of a data folder with two releases, somebody's erasure, and files that a territory keeps by hand."""
    source.run(ROWS, "2026-01-01")
    make_release(source.project)
    matching.add_request(source.settings, "siren", SIREN, "asked by letter", "me")
    source.run(ROWS, "2026-01-02")
    make_release(source.project)
    data = source.settings.data
    for name in (
        "inbox/lieux/default.csv",
        "judgements/same.sssom.tsv",
        "hosts/example.org",
        "demo/current",
        "records/lieux/.tmp-half/file",
    ):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("…", encoding="utf-8")
    (tmp_path / "backups").mkdir()
    done = run("backup", data, tmp_path / "backups")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip())


def test_what_is_restored_is_what_was_there(kept: Path, source: Followed, tmp_path: Path) -> None:
    with tarfile.open(kept) as archive:
        names = list(dict.fromkeys(name.split("/")[0] for name in archive.getnames()))
    assert names[0] == "harvests"
    assert set(names[-3:]) == {"judgements", "erasures.jsonl", "erased.json"}  # what people decided
    before = described(source.settings.data)
    assert {name.split("/")[0] for name in before} >= {
        *(
            "current",
            "judgements",
            "erased.json",
            "erasures.jsonl",
            "graphs",
            "guards",
            "harvests",
            "inbox",
            "presence",
        ),
        *("records", "releases", "snapshots", "validated"),
    }
    data = tmp_path / "restored"
    done = run("restore", kept, data)
    assert done.returncode == 0, done.stderr
    assert described(data) == before
    assert sorted(path.name for path in data.iterdir() if path.name in MADE_ANEW) == []
    source.settings = replace(source.settings, data=data)
    served = published.current(data)
    assert served
    assert outcome.damaged_outputs(data) == {}
    assert make_release(source.project)[1] is False  # nothing has changed
    again = source.run(ROWS, "2026-01-03")
    assert "Zénobie" not in "".join(source.lines(again))  # the request is known
    assert make_release(source.project)[0].manifest["version"] == served.manifest["version"]
    source.settings = replace(source.settings, erasure_key="a key that is not the one")
    with pytest.raises(DataError, match="not the one that the list of erasures was made with"):
        source.run(ROWS, "2026-01-04")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A data folder with as little as one can have."""
    (tmp_path / "data" / "harvests").mkdir(parents=True)
    (tmp_path / "data" / "harvests" / "lieux.json").write_text("{}\n" * 1000, encoding="utf-8")
    (tmp_path / "data" / "locks").mkdir()
    (tmp_path / "data" / "locks" / "releases").touch()
    (tmp_path / "backups").mkdir()
    return tmp_path / "data"


def test_a_damaged_archive_or_a_folder_in_use_is_refused(small: Path, tmp_path: Path) -> None:
    archive = Path(run("backup", small, tmp_path / "backups").stdout.strip())
    before = described(small)
    assert "there is something already" in run("restore", archive, small).stderr
    assert described(small) == before
    content = bytearray(archive.read_bytes())
    content[len(content) // 2] ^= 1
    archive.write_bytes(content)
    assert run("restore", archive, tmp_path / "restored").returncode == 1
    archive.with_name(f"{archive.name}.sha256").unlink()
    assert "nothing says that the archive is whole" in run("restore", archive, tmp_path / "restored").stderr
    assert not (tmp_path / "restored").exists()


def test_it_waits_for_a_release_that_is_being_made(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "backups"
    with (small / "locks" / "releases").open("r+b") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = subprocess.Popen([PROJECT / "deploy" / "backup", small, out], stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(0.5)
        assert list(out.iterdir()) == []
    assert waiting.communicate(timeout=120)[0]
    assert {path.suffix for path in out.iterdir()} == {".tar", ".sha256"}


def test_what_is_no_data_folder_is_said(tmp_path: Path) -> None:
    done = run("backup", tmp_path, tmp_path)
    assert (done.returncode, "no data folder" in done.stderr) == (2, True)


def test_the_shell_is_one_that_every_debian_has() -> None:
    if shutil.which("shellcheck") is None:
        pytest.skip("no shellcheck: apt install shellcheck")
    tools = [PROJECT / "deploy" / name for name in ("backup", "restore", "register")]
    done = subprocess.run(["shellcheck", "-s", "sh", *tools], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
