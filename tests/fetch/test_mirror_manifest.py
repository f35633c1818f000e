"""A mirror with a MANIFEST.tsv: invented files, found by their public address."""

from __future__ import annotations

from pathlib import Path

import pytest

from clirld.errors import FetchError
from clirld.fetch.mirror import in_mirror, mirror_file

RAW = "https://raw.githubusercontent.com"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
MANIFEST = f"""\
dir\trepo\tpath\tcommit\tnote
places\tinvented/places\tdata/France/places.csv\t{COMMIT}\tone "quote
many\tinvented/many\tsources/*\t{COMMIT}\ta pattern
two\tinvented/two\ta.csv; b.csv\t{COMMIT}\ttwo files
absent\tinvented/absent\tabsent.csv\t{COMMIT}\tnot copied
short\tinvented/short
derived/places.csv\tbuilt from the others\t-\t-\t
../outside\tinvented/outside\tplaces.csv\t{COMMIT}\t
"""
PLACES = f"{RAW}/invented/places/{COMMIT}/data/France/places.csv"


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    for name in ("mirror/places/places.csv", "mirror/many/a.csv", "mirror/two/a.csv", "outside/places.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("code\n01\n")
    (tmp_path / "mirror" / "MANIFEST.tsv").write_text(MANIFEST, encoding="utf-8")
    return tmp_path / "mirror"


def test_a_distribution_is_found_by_its_address(mirror: Path) -> None:
    assert mirror_file(mirror, "s", "default", PLACES) == mirror / "places" / "places.csv"
    assert in_mirror(mirror, "s", "default", PLACES)


def test_windows_line_ends_do_not_matter(mirror: Path) -> None:
    (mirror / "MANIFEST.tsv").write_bytes(f"dir\trepo\tpath\tcommit\r\nplaces\ti/p\tplaces.csv\t{COMMIT}\r\n".encode())
    assert in_mirror(mirror, "s", "default", f"{RAW}/i/p/{COMMIT}/places.csv")


@pytest.mark.parametrize(
    "url",
    [
        None,
        PLACES.replace(COMMIT, COMMIT[::-1]),
        PLACES.replace("https", "http"),
        f"{RAW}/invented/many/{COMMIT}/sources/a.csv",
        f"{RAW}/invented/many/{COMMIT}/sources/*",
        f"{RAW}/invented/two/{COMMIT}/a.csv",
        f"{RAW}/invented/two/{COMMIT}/a.csv; b.csv",
        f"{RAW}/invented/absent/{COMMIT}/absent.csv",
    ],
)
def test_only_an_exact_address_with_its_copy_counts(mirror: Path, url: str | None) -> None:
    assert not in_mirror(mirror, "s", "default", url)
    with pytest.raises(FetchError, match="the mirror has no default of s"):
        mirror_file(mirror, "s", "default", url)


def test_what_is_named_for_the_source_comes_first(mirror: Path) -> None:
    (mirror / "s").mkdir()
    (mirror / "s" / "default.csv").write_text("code\n02\n")
    assert mirror_file(mirror, "s", "default", PLACES) == mirror / "s" / "default.csv"
    (mirror / "mirror.yaml").write_text("s: {default: many/a.csv}\nother: {x: gone.csv}\n")
    assert mirror_file(mirror, "s", "default", PLACES) == mirror / "many" / "a.csv"
    assert mirror_file(mirror, "other", "places", PLACES) == mirror / "places" / "places.csv"


def test_the_manifest_cannot_lead_out_of_the_mirror(mirror: Path) -> None:
    url = f"{RAW}/invented/outside/{COMMIT}/places.csv"
    with pytest.raises(FetchError, match="leads out of the mirror") as error:
        mirror_file(mirror, "s", "default", url)
    assert error.value.where == f"{mirror / 'MANIFEST.tsv'}:8"


def test_an_unreadable_manifest_is_a_message(mirror: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(FetchError, match="cannot be read: Permission denied"):
        in_mirror(mirror, "s", "default", PLACES)


def test_an_empty_manifest_names_nothing(mirror: Path) -> None:
    (mirror / "MANIFEST.tsv").write_text("")
    assert not in_mirror(mirror, "s", "default", PLACES)


def test_a_card_may_name_the_file(mirror: Path) -> None:
    """Where nothing else says which file it is; never one outside of the mirror."""
    assert mirror_file(mirror, "other", "x", None, "many/a.csv") == mirror / "many" / "a.csv"
    assert in_mirror(mirror, "other", "x", None, "many/a.csv")
    assert not in_mirror(mirror, "other", "x", None, "many/gone.csv")
    assert mirror_file(mirror, "other", "places", PLACES, "many/a.csv") == mirror / "many" / "a.csv"
    (mirror.parent / "outside.csv").touch()
    with pytest.raises(FetchError, match="leads out"):
        mirror_file(mirror, "other", "x", None, "../outside.csv")
