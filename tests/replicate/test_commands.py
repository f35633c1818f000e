"""`clirld publish --to s3://…`: what it says and refuses; and that no secret is in anything that is said."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from typer.testing import CliRunner

from clirld.cli import app
from clirld.cli.terminal import in_language
from clirld.errors import ClirldError, StorageAwayError, StorageError, UsageError
from clirld.replicate.address import Address, address
from clirld.replicate.bucket import Bucket
from tests.replicate.stores import NEW, OLD, SECRET, Store, asked_release, bucket_at

Origin = Callable[[str], Path]


def call(*words: str, code: int = 0) -> str:
    told = CliRunner().invoke(app.app, words)
    if isinstance(told.exception, ClirldError):
        raise told.exception
    assert told.exit_code == code, told.output
    return told.stdout


def place(bucket: Bucket) -> list[str]:
    return ["--to", str(bucket.address), "--endpoint-url", str(bucket.address.endpoint)]


def test_what_is_said(bucket: Bucket, origin: Origin) -> None:
    there, data = place(bucket), str(origin(OLD).parent.parent)
    assert call("publish", *there, "--status", code=1) == "nothing was published there by clirld\n"
    assert call("publish", *there, "--data", data).splitlines() == [
        f"release {OLD} is published in {bucket.address}",
        "sent: 5 files, 0.0 MB; copied there: 0, 0.0 MB; there already: 0, 0.0 MB",
    ]
    told = call("publish", *there, "--data", data).splitlines()
    assert told[0] == f"release {OLD} was published in {bucket.address} already; nothing has changed"
    origin(NEW)
    told = call("publish", *there, "--data", data, "--keep", "1").splitlines()
    assert "copied there: 2" in told[1]
    assert told[2:] == [f"it takes the place of release {OLD}", f"releases that are there no more: {OLD}"]
    assert f"releases kept: {NEW}" in call("publish", *there, "--status")
    assert json.loads(call("publish", *there, "--status", "--json"))["pointer"]["release"] == NEW
    bucket.delete([f"releases/{NEW}/catalog.ttl"])
    assert "1 files are missing, catalog.ttl among them" in call("publish", *there, "--status", code=1)


@pytest.mark.parametrize(
    "url",
    [
        "s3://",
        "s3://X",
        "s3://bucket/../x",
        "s3://bucket/a//x",
        "s3://bucket/é",
        "s3://me:secret@bucket/x",
        "s3:/bucket",
    ],
)
def test_what_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="not the address of a bucket") as problem:
        address("--to", url, environment={})
    assert "secret" not in str(problem.value)


@pytest.mark.parametrize(
    ("endpoint", "told"),
    [
        ("http://store.example", "not encrypted"),
        ("https://me:secret@store.example", "has a name or a password in it"),
        ("ftp://store.example", "not the address of a store"),
        ("https://store.example?x", "not the address of a store"),
    ],
)
def test_what_is_no_endpoint_is_refused(endpoint: str, told: str) -> None:
    for given, environment in ((endpoint, {}), (None, {"AWS_ENDPOINT_URL": endpoint})):
        with pytest.raises(UsageError, match=told) as problem:
            address("--to", "s3://bucket/x", given, environment=environment)
        assert "secret" not in str(problem.value)


def test_an_address_is_read() -> None:
    assert address("--to", "s3://bucket/a/b/", environment={}) == Address("bucket", "a/b")
    assert address("--to", "s3://bucket", "http://[::1]:9000/", environment={}).endpoint == "http://[::1]:9000"
    assert address("--to", "s3://bucket", "http://store.example", insecure=True, environment={}).prefix == ""
    known = {"AWS_ENDPOINT_URL": "https://one.example", "AWS_ENDPOINT_URL_S3": "https://two.example"}
    assert address("--to", "s3://bucket", environment=known).endpoint == "https://two.example"


@pytest.mark.parametrize(
    ("to", "options"),
    [("s3://bucket/x", ["--in-place", "--query", "http://localhost"]), ("http://localhost/store", ["--keep", "2"])],
)
def test_an_option_of_another_kind_of_place_is_refused(to: str, options: list[str]) -> None:
    with pytest.raises(UsageError, match=r"not for a (bucket|store of graphs)"):
        call("publish", "--to", to, *options)


def test_who_publishes_must_be_said(bucket: Bucket, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    there, data = place(bucket), str(origin(OLD).parent.parent)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(UsageError, match="cannot be used") as problem:
        call("publish", *there, "--data", data)
    assert SECRET not in str(problem.getrepr())
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match="nothing says who publishes"):
        call("publish", *there, "--data", data)


def test_what_the_store_refuses_is_said_and_no_secret(
    bucket: Bucket, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = []

    def refused(work: Callable[[], Any], kind: type[ClirldError] = StorageError) -> ClirldError:
        with pytest.raises(kind) as problem:
            work()
        told = in_language(problem.value, "fr")
        said.append(f"{problem.value!r} {problem.value} {told} {problem.getrepr()}")
        return problem.value

    nowhere = bucket_at(Address("nobodys", "x", store.url))
    assert refused(lambda: nowhere.objects("x")).what == "there is no bucket nobodys"
    assert refused(lambda: nowhere.write("x", b"", instead_of=None)).what == "there is no bucket nobodys"
    away = bucket_at(Address("releases", "x", "http://127.0.0.1:1"))
    assert refused(lambda: away.read("x"), StorageAwayError).what == "the store does not answer (no connection)"
    bucket.write("x", b"", instead_of=None)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    unsigned = bucket_at(bucket.address)
    assert refused(lambda: unsigned.read("x")).what == "the store asks who this is (403)"
    assert SECRET not in "".join(said)
    assert "<?xml" not in "".join(said)


def test_what_it_needs_is_named_where_it_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    there = builtins.__import__

    def absent(name: str, *given: Any, **more: Any) -> Any:
        if name.startswith("obstore"):
            raise ImportError(name)
        return there(name, *given, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(UsageError, match=r"pip install 'clirld\[s3\]'"):
        bucket_at(Address("releases"))


def test_serve_is_a_replica_and_goes_on_without_the_store(bucket: Bucket, store: Store, tmp_path: Path) -> None:
    """As a process: it fetches before it listens, and with the store away it starts from what it has."""
    data, replica = tmp_path / "origin", tmp_path / "replica"
    asked_release(data, OLD)
    call("publish", *place(bucket), "--data", str(data))
    command = [sys.executable, "-c", "import sys; sys.argv[0] = 'clirld'; from clirld.cli.app import main; main()"]
    command += ["serve", "--port", "0", "--data", str(replica), "--from", *place(bucket)[1:]]
    told = []
    for is_away in (False, True):
        if is_away:
            store.stop()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            assert process.stdout
            url = process.stdout.readline().strip()
            answer = requests.get(f"{url}readyz", timeout=60)
            assert (answer.status_code, answer.json()["release"]) == (200, OLD)
            kinds = {one["kind"] for one in answer.json()["reasons"]}
            assert ("replica-behind" in kinds) == is_away
        finally:
            process.terminate()
            told.append(process.communicate()[1])
            if is_away:
                store.start()
    assert told[0].startswith(f"release {OLD} is served; files received: ")
    assert told[1].count("the store does not answer (no connection)") == 1
    assert "Traceback" not in "".join(told)
    assert SECRET not in "".join(told)
