"""A release goes to a bucket and from there to replicas: whole, once, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from clirld import checksums, stages
from clirld.errors import ClirldError, StorageAwayError, StorageError, UsageError
from clirld.release import history, published
from clirld.release.make import make_release
from clirld.release.unavailable import mark
from clirld.replicate import pointer, upload
from clirld.replicate.bucket import Bucket
from clirld.replicate.etags import etags
from clirld.replicate.fetch import fetch
from clirld.replicate.follow import Follower
from clirld.replicate.pointer import KEY
from tests.followed import Followed, row
from tests.replicate.stores import NEW, NEWER, NEWEST, OLD, Store, files, load

Origin = Callable[[str], Path]


def publish(bucket: Bucket, folder: Path, **given: object) -> upload.Outcome:
    data = folder.parent.parent
    return upload.publish(bucket, data, load(data, folder.name), **given)  # type: ignore[arg-type]


def said(bucket: Bucket) -> pointer.Pointer:
    found = bucket.read(KEY)
    assert found
    return pointer.read(found[0], "here")


def put(bucket: Bucket, key: str, content: bytes) -> None:
    """Put it there whatever is there."""
    bucket._store.put(key, content)


def served(data: Path) -> str:
    found = published.current(data)
    assert found
    return found.id


def test_a_real_release_is_sent_once_and_what_stays_the_same_is_not_sent_again(
    source: Followed, bucket: Bucket, tmp_path: Path
) -> None:
    replica = tmp_path / "replica"
    source.run([row(1), row(2)], "2026-01-01")
    first, _new = make_release(source.project)
    sent = upload.publish(bucket, source.settings.data, first)
    assert sent.sent.keys() == files(first.folder).keys()
    fetched = fetch(bucket, replica)
    assert fetched
    assert files(replica / "releases" / first.id) == files(first.folder)
    assert published.damaged_files(load(replica, first.id)) == []
    assert served(replica) == first.id
    assert sum(fetched.fetched.values()) == sum(entry.size for entry in checksums.read(first.folder).values())
    source.run([row(1), row(2), row(3)], "2026-01-02")
    second, _new = make_release(source.project)
    sent = upload.publish(bucket, source.settings.data, second)
    assert sent.sent.keys() | sent.copied.keys() == files(second.folder).keys()
    assert {"vocabulary/clirld.ttl", "dump/ontology.nq.gz"} <= sent.copied.keys()
    again = fetch(bucket, replica, fetched.version)
    assert again
    assert (again.is_new, served(replica)) == (True, second.id)
    assert files(replica / "releases" / second.id) == files(second.folder)
    assert {path.removeprefix(f"{second.id}/") for path in again.fetched} <= sent.sent.keys()
    linked = [
        path for path in (replica / "releases" / second.id).rglob("*") if path.stat().st_nlink > 1 and path.is_file()
    ]
    assert 0 < len(linked) < again.here


def test_nothing_is_done_twice(bucket: Bucket, origin: Origin, tmp_path: Path) -> None:
    folder = origin(OLD)
    assert publish(bucket, folder).is_new
    before = bucket.read(KEY)
    again = publish(bucket, folder)
    assert (again.is_new, again.sent, again.copied) == (False, {}, {})
    assert bucket.read(KEY) == before
    first = fetch(bucket, tmp_path / "replica")
    assert first
    assert fetch(bucket, tmp_path / "replica", first.version) is None
    unasked = fetch(bucket, tmp_path / "replica")
    assert unasked
    assert (unasked.is_new, unasked.fetched) == (False, {})


def test_an_interrupted_publication_is_published_by_nobody_and_goes_on(
    bucket: Bucket, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(bucket, origin(OLD))
    folder, sent = origin(NEW), Bucket.send

    def broken(self: Bucket, key: str, path: Path) -> None:
        if path.name == "manifest.json":
            raise StorageAwayError("gone")
        sent(self, key, path)

    monkeypatch.setattr(Bucket, "send", broken)
    with pytest.raises(StorageAwayError):
        publish(bucket, folder)
    assert said(bucket).release == OLD
    assert checksums.FILE not in bucket.objects(f"releases/{NEW}")
    monkeypatch.setattr(Bucket, "send", sent)
    outcome = publish(bucket, folder)
    assert outcome.there
    assert outcome.sent.keys() & {"manifest.json", checksums.FILE} == {"manifest.json", checksums.FILE}
    assert said(bucket).release == NEW


def test_of_two_publications_at_once_one_wins_and_the_other_is_told(bucket: Bucket, origin: Origin) -> None:
    publish(bucket, origin(OLD))
    slow, quick = origin(NEW), origin(NEWER)
    done: list[upload.Outcome] = []

    def meanwhile(*_: object) -> None:
        if not done:
            done.append(publish(bucket, quick))

    with pytest.raises(StorageError, match="another publication was quicker"):
        publish(bucket, slow, tell=meanwhile)
    assert said(bucket).release == NEWER
    assert publish(bucket, slow).before == NEWER  # who wants it all the same says so
    assert said(bucket).release == NEW


def test_of_two_first_publications_one_wins(bucket: Bucket, origin: Origin) -> None:
    one, other = origin(OLD), origin(NEW)
    done: list[upload.Outcome] = []
    with pytest.raises(StorageError, match="another publication was quicker"):
        publish(bucket, one, tell=lambda *_: done or done.append(publish(bucket, other)))
    assert said(bucket).release == NEW


@pytest.mark.parametrize("is_there", [True, False])
def test_the_store_lets_one_of_many_writes_win(bucket: Bucket, is_there: bool) -> None:
    for n in range(5):
        key = f"round-{n}"
        tag = None
        if is_there:
            bucket.write(key, b"before", instead_of=None)
            tag = (bucket.read(key) or (b"", ""))[1]
        start, won = threading.Barrier(4), list[bool]()

        def write(number: int, key: str, tag: str | None, start: threading.Barrier, won: list[bool]) -> None:
            start.wait()
            won.append(bucket.write(key, b"%d" % number, instead_of=tag))

        threads = [threading.Thread(target=write, args=[number, key, tag, start, won]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(won) == [False, False, False, True]


def test_a_store_without_conditions_is_refused(bucket: Bucket, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    def heedless(self: Bucket, key: str, content: bytes, *, instead_of: str | None) -> bool:
        self._store.put(key, content)
        return True

    monkeypatch.setattr(Bucket, "write", heedless)
    with pytest.raises(StorageError, match="does not keep to conditions"):
        publish(bucket, origin(OLD))
    assert bucket.objects("") == {}


def test_as_many_releases_as_are_to_be_kept_are_kept_everywhere(bucket: Bucket, origin: Origin, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    for name in (OLD, NEW):
        publish(bucket, origin(name), keep=2)
    fetch(bucket, replica)
    assert sorted(path.name for path in (replica / "releases").glob("[0-9]*")) == [OLD, NEW]
    for name in (NEWER, NEWEST):
        deleted = publish(bucket, origin(name), keep=2).deleted
    assert deleted == [NEW]
    assert bucket.folders("releases") == said(bucket).releases.keys() == {NEWER, NEWEST}
    fetch(bucket, replica)
    assert sorted(path.name for path in (replica / "releases").glob("[0-9]*")) == [NEWER, NEWEST]
    assert [past.id for past in history.releases(replica)] == [OLD, NEW, NEWER, NEWEST]


def test_what_is_given_no_more_goes_from_the_bucket_and_from_replicas(
    bucket: Bucket, origin: Origin, tmp_path: Path
) -> None:
    replica = tmp_path / "replica"
    for name in (OLD, NEW, NEWER):
        folder = origin(name)
        publish(bucket, folder)
    fetch(bucket, replica)
    data = folder.parent.parent
    withdrawn = {"when": "2026-02-01T00:00:00+00:00", "because": "a column too many", "by": "A. Person", "sequence": 1}
    stages.write_json(data / mark.WITHDRAWN / f"{OLD}.json", withdrawn)
    stages.write_json(data / mark.ERASED / f"{NEW}.json", {"list": "1", "holds": True})
    assert publish(bucket, folder).deleted == [OLD, NEW]
    assert bucket.folders("releases") == {NEWER}
    assert "A. Person" not in str(bucket.read(KEY))
    fetch(bucket, replica)
    assert [path.name for path in (replica / "releases").glob("[0-9]*")] == [NEWER]
    assert mark.mark_of(replica, NEW).holds_erased
    assert mark.mark_of(replica, OLD).withdrawal == mark.Withdrawal(
        "2026-02-01T00:00:00+00:00", "a column too many", "", 1
    )
    # Taken back where releases are made, and so everywhere.
    (data / mark.WITHDRAWN / f"{OLD}.json").unlink()
    publish(bucket, folder)
    fetch(bucket, replica)
    assert mark.mark_of(replica, OLD) == mark.Mark()
    assert mark.mark_of(replica, NEW).holds_erased


@pytest.mark.parametrize("damage", ["byte", "gone", "checksums", "pointer"])
def test_a_release_that_is_damaged_is_refused_and_the_old_one_served_on(
    bucket: Bucket, origin: Origin, tmp_path: Path, damage: str
) -> None:
    replica = tmp_path / "replica"
    publish(bucket, origin(OLD))
    fetch(bucket, replica)
    folder = origin(NEW)
    publish(bucket, folder)
    own = f"releases/{NEW}"
    if damage == "byte":
        put(bucket, f"{own}/manifest.json", (folder / "manifest.json").read_bytes().replace(b"quads", b"quadz"))
    elif damage == "gone":
        bucket.delete([f"{own}/manifest.json"])
    elif damage == "checksums":
        put(bucket, f"{own}/{checksums.FILE}", b"{}")
    else:
        put(bucket, KEY, b'{"format": 1, "release": "../../x"}')
    with pytest.raises(StorageError, match="damaged") as problem:
        fetch(bucket, replica)
    assert problem.value.where
    assert problem.value.do
    assert served(replica) == OLD
    assert files(replica / "releases" / OLD) == files(folder.parent / OLD)
    assert not (replica / "releases" / NEW).exists()
    # The same command sends what differs, and the next look goes on with what came.
    if damage == "pointer":
        bucket.delete([KEY])
    mended = publish(bucket, folder)
    assert len(mended.sent) + len(mended.copied) == (0 if damage == "pointer" else 1)
    fetched = fetch(bucket, replica)
    assert fetched
    assert files(replica / "releases" / NEW) == files(folder)
    assert served(replica) == NEW
    if damage in ("byte", "gone"):
        assert "checksums.json" not in fetched.fetched
        assert len(fetched.fetched) < len(checksums.read(folder))


@pytest.mark.parametrize("path", ["../../outside", "/outside", "dump/../../../outside"])
def test_no_file_leads_out_of_a_release(bucket: Bucket, origin: Origin, tmp_path: Path, path: str) -> None:
    folder = origin(OLD)
    publish(bucket, folder)
    entries = json.loads((folder / checksums.FILE).read_text())
    content = json.dumps({**entries, path: next(iter(entries.values()))}).encode()
    put(bucket, f"releases/{OLD}/{checksums.FILE}", content)
    changed = replace(said(bucket), releases={OLD: sha256(content).hexdigest()})
    put(bucket, KEY, changed.written())
    with pytest.raises(StorageError, match=r"damaged .* checksums\.json"):
        fetch(bucket, tmp_path / "replica")
    assert list(tmp_path.rglob("outside")) == []


def test_a_release_that_was_damaged_here_is_fetched_anew(bucket: Bucket, origin: Origin, tmp_path: Path) -> None:
    replica = tmp_path / "replica"
    folder = origin(OLD)
    publish(bucket, folder)
    fetch(bucket, replica)
    (replica / "releases" / OLD / "catalog.ttl").write_text("b")
    fetched = fetch(bucket, replica)
    assert fetched
    assert fetched.fetched.keys() == {f"{OLD}/catalog.ttl"}
    assert files(replica / "releases" / OLD) == files(folder)


def test_a_replica_serves_while_the_store_is_away_and_says_so_once(
    bucket: Bucket, store: Store, origin: Origin, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    replica = tmp_path / "replica"
    publish(bucket, origin(OLD))
    follower = Follower(bucket, replica)
    follower.begin()
    publish(bucket, origin(NEW))
    store.stop()
    try:
        for _look in range(3):
            follower.look()
        assert [record.getMessage().partition("\n")[0] for record in caplog.records] == [
            f"{bucket.address} ({store.url}): the store does not answer (no connection)"
        ]
        assert served(replica) == OLD
        assert follower.behind_since is not None
        Follower(bucket, replica).begin()  # started anew meanwhile, it serves what it has
        with pytest.raises(StorageAwayError):
            Follower(bucket, tmp_path / "new").begin()
    finally:
        store.start()
    follower.look()
    assert served(replica) == NEW
    assert follower.behind_since is None


def test_a_data_folder_where_releases_are_made_is_no_replica(
    source: Followed, bucket: Bucket, origin: Origin, tmp_path: Path
) -> None:
    publish(bucket, origin(OLD))
    with pytest.raises(UsageError, match="releases are made in this data folder"):
        fetch(bucket, source.settings.data)
    fetch(bucket, tmp_path / "replica")
    stages.write_json(tmp_path / "replica" / "replica.json", {"bucket": "s3://another"})
    with pytest.raises(UsageError, match="is a replica of s3://another"):
        fetch(bucket, tmp_path / "replica")


def test_nothing_published_is_said(bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="nothing is published there"):
        fetch(bucket, tmp_path / "replica")
    assert not (tmp_path / "replica" / "releases").exists()


def test_the_tags_of_a_file_are_those_of_the_store(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(os.urandom(11 << 20))
    bucket._store.put("parts", path, chunk_size=5 << 20)
    bucket._store.put("whole", path, use_multipart=False)
    there = bucket.objects("")
    assert {there["parts"].etag, there["whole"].etag} == etags(path, 5 << 20)
    assert there["parts"].etag != there["whole"].etag


def test_a_pointer_is_read_as_it_was_written() -> None:
    one = pointer.Pointer(
        OLD, "2026-01-01T00:00:00Z", {OLD: "0" * 64}, {OLD: "2026"}, {NEW: {"when": "2026"}}, (NEWER,)
    )
    assert pointer.read(one.written(), "here") == one
    later = one.written().replace(b'"format": 1', b'"format": 2')
    with pytest.raises(StorageError, match="another version"):
        pointer.read(later, "here")
    for wrong in (
        b"",
        b"[]",
        b"{}",
        one.written().replace(b"0" * 64, b"0" * 63),
        one.written().replace(NEW.encode(), b".."),
    ):
        with pytest.raises(StorageError, match="damaged"):
            pointer.read(wrong, "here")


def test_a_kept_release_can_be_put_back_by_hand(bucket: Bucket, origin: Origin, tmp_path: Path) -> None:
    """What docs/replicas.md says of restoring: the files below an id are a release."""
    folder = origin(OLD)
    publish(bucket, folder)
    restored = tmp_path / "restored"
    for path in bucket.objects(f"releases/{OLD}"):
        target = restored / "releases" / OLD / path
        target.parent.mkdir(parents=True, exist_ok=True)
        bucket.download(f"releases/{OLD}/{path}", target)
    assert published.switch_to(restored, OLD).id == OLD
    shutil.rmtree(restored)


def test_errors_are_of_the_tree() -> None:
    assert issubclass(StorageAwayError, StorageError)
    assert issubclass(StorageError, ClirldError)
