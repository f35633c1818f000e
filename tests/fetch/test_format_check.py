"""What bytes look like: each format takes its own, whole, and nothing else."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest

from clirld.errors import FetchError
from clirld.fetch import format_check


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "a;b\n")
    return out.getvalue()


def _parquet() -> bytes:
    out = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(out)
    return out.getvalue()


PAGE = b"<!DOCTYPE html>\n<html><body>Service indisponible</body></html>\n"
GOOD = {
    "csv": b"a;b\n1;2\n",
    "zip:csv": _zip(),
    "xlsx": _zip(),
    "ods": _zip(),
    "json": b'{"a": [1]}\n{"a": [2]}\n',
    "jsonl": b'{"a": 1}\n{"a": 2}\n',
    "geojson": b'{"type": "FeatureCollection", "features": []}',
    "parquet": _parquet(),
    "rdf": b"@prefix ex: <https://example.org/> .\nex:a ex:b ex:c .\n",
}


def check(path: Path, body: bytes, expect: str, framed: bool = True) -> None:
    path.write_bytes(body)
    format_check.check(path, "https://example.org/x", expect, None, framed=framed)


@pytest.mark.parametrize("expect", GOOD)
def test_its_own_is_taken(tmp_path: Path, expect: str) -> None:
    check(tmp_path / "x", GOOD[expect], expect)
    check(tmp_path / "x", GOOD[expect], expect, framed=False)


@pytest.mark.parametrize("expect", GOOD)
@pytest.mark.parametrize("body", [PAGE, b"", b"%PDF-1.7", b"\x1f\x8b\x08"])
def test_a_page_nothing_and_strangers_are_refused(tmp_path: Path, expect: str, body: bytes) -> None:
    with pytest.raises(FetchError, match="instead of"):
        check(tmp_path / "x", body, expect)


@pytest.mark.parametrize("expect", GOOD)
def test_what_ends_too_early_is_refused_where_nothing_else_would_show_it(tmp_path: Path, expect: str) -> None:
    with pytest.raises(FetchError, match="ends too early"):
        check(tmp_path / "x", GOOD[expect][:-3], expect, framed=False)


@pytest.mark.parametrize(
    "text",
    [
        "Service indisponible",
        "Service temporairement indisponible, veuillez réessayer plus tard.\n",
        "Service Unavailable: try again later\n",
        "Erreur interne\nLe service est en maintenance, merci de patienter\n",
        "503 ; accès refusé",
        "Trop de demandes pour le moment\n",
    ],
)
def test_a_sentence_is_no_table(tmp_path: Path, text: str) -> None:
    with pytest.raises(FetchError, match="a message, no table, instead of csv: “") as caught:
        check(tmp_path / "x", text.encode(), "csv")
    assert "try again later" in caught.value.do


@pytest.mark.parametrize(
    "text",
    [
        "id;nom\n1;Service indisponible\n",
        'id,nom\n1,"Erreur, maintenance"\n',
        "id\n1\n2\n",
        "id;nom du lieu\n",
        "nom du lieu\n" + "Atelier en maintenance\n" * 9,
    ],
)
def test_a_small_table_is_no_sentence(tmp_path: Path, text: str) -> None:
    check(tmp_path / "x", text.encode(), "csv")


def test_a_member_may_come_unpacked(tmp_path: Path) -> None:
    check(tmp_path / "x", GOOD["csv"], "zip:csv")


def test_rdf_in_xml_is_no_page(tmp_path: Path) -> None:
    check(tmp_path / "x", b'<?xml version="1.0"?>\n<rdf:RDF></rdf:RDF>\n', "rdf")


@pytest.mark.parametrize("expect", ["csv", "json"])
def test_a_text_may_come_compressed(tmp_path: Path, expect: str) -> None:
    whole = gzip.compress(GOOD[expect])
    check(tmp_path / "x", whole, expect)
    with pytest.raises(FetchError, match="ends too early"):
        check(tmp_path / "x", whole[:-9], expect)
    with pytest.raises(FetchError, match="a web page"):
        check(tmp_path / "x", gzip.compress(b"<html>"), expect)
