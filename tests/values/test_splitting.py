"""Several values in one cell, and values cut out of longer ones. The data are invented."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.fr import siren as stdnum_siren
from stdnum.fr import siret as stdnum_siret

from clirld.values.cleaners import CLEANERS, Cleaned
from clirld.values.splitting import beginning, several

RESTORED, UNCLEAN = "zero-restored", "value-unclean"


@st.composite
def sirets(draw: st.DrawFn) -> str:
    """A valid SIRET; no SIREN begins with more than two zeros."""
    siren = draw(st.integers(500_000, 99_999_999).map(lambda number: f"{number:08d}"))
    siren += luhn.calc_check_digit(siren)
    nic = draw(st.integers(1, 999).map(lambda number: f"{number:04d}"))
    return siren + nic + luhn.calc_check_digit(siren + nic)


@pytest.mark.parametrize(
    ("type_", "raw", "length", "expected"),
    [
        ("siren", "05000007400018", 9, Cleaned("050000074")),
        ("siren", "5000007400018", 9, Cleaned("050000074", RESTORED)),
        ("siren", "552-100-554-00013", 9, Cleaned("552100554")),
        ("siren", "552.100.554.00013", 9, Cleaned("552100554")),
        ("siren", "552\u00a0100\u00a0554\u00a000013", 9, Cleaned("552100554")),
        ("siren", "55210055400013.0", 9, Cleaned("552100554")),
        ("siren", "552100554", 9, Cleaned("552100554")),
        ("siren", "non renseigné", 9, Cleaned(None)),
        ("siren", "", 9, Cleaned(None)),
        # The département of a commune's code or a postcode, or before its name.
        ("insee_departement", "39300", 2, Cleaned("39")),
        ("insee_departement", "1", 2, Cleaned("01", RESTORED)),
        ("insee_departement", "1000", 2, Cleaned("01", RESTORED)),
        ("insee_departement", "2A004", 2, Cleaned("2A")),
        ("insee_departement", "97411", 2, Cleaned("974")),
        ("insee_departement", "39 - Jura", 2, Cleaned("39")),
        ("insee_departement", "974 - La Réunion", 3, Cleaned("974")),
        # An IRIS begins with the code of its commune.
        ("insee_commune", "390300101", 5, Cleaned("39030")),
        ("insee_commune", "10040101", 5, Cleaned("01004", RESTORED)),
        ("insee_commune", "39300 Lons-le-Saunier", 5, Cleaned("39300")),
        ("postcode", "75008 PARIS", 5, Cleaned("75008")),
        ("postcode", "75 008 PARIS", 5, Cleaned("75008")),
        ("year", "20190304", 4, Cleaned("2019")),
        ("year", "04/03/2019", 4, Cleaned("2019")),
        ("year", "2019-2020", 4, Cleaned("2019")),
        ("date", "2019-03-04T10:00:00Z", 10, Cleaned("2019-03-04")),
        ("text", "A1 23 autre", 4, Cleaned("A123")),
        ("name", "Néon bleu", 4, Cleaned("Néon")),
    ],
)
def test_a_value_at_the_beginning(type_: str, raw: str, length: int, expected: Cleaned) -> None:
    assert beginning(type_, raw, length) == expected


@pytest.mark.parametrize(
    ("type_", "raw", "length"),
    [
        ("siren", "38097200000000", 9),  # rounded
        ("siren", "3,80951E+13", 9),
        ("siren", "55210055400014", 9),  # the SIREN alone would pass
        ("siren", "552100554 00014", 9),
        ("siren", "55210055400013 / 05000007400018", 9),
        ("siren", "552100554000", 9),
        ("siren", "1800010", 9),  # a SIREN or a SIRET that lost zeros
        ("insee_departement", "1 - Ain", 2),
        ("insee_departement", "1000 Bourg", 2),
        ("insee_departement", "20000", 2),
        ("insee_departement", "974 - La Réunion", 2),
        ("postcode", "1000 75008", 5),
        ("postcode", "750081", 5),
        ("insee_commune", "393001", 5),
        ("year", "43528", 4),
        ("year", "1551657600", 4),
    ],
)
def test_nothing_is_cut_out_of_what_is_not_right_as_a_whole(type_: str, raw: str, length: int) -> None:
    cleaned = beginning(type_, raw, length)
    assert (cleaned.value, cleaned.code) == (None, UNCLEAN)


@pytest.mark.parametrize(
    ("type_", "raw", "values"),
    [
        ("url", "http://x.fr http://y.fr", ("http://x.fr", "http://y.fr")),
        ("url", "http://x.fr/ http://y.fr/", ("http://x.fr/", "http://y.fr/")),
        ("url", "www.x.fr/page ou www.y.fr", ("www.x.fr/page", "www.y.fr")),
        ("url", "www.x.fr et www.y.fr/b", ("www.x.fr", "www.y.fr/b")),
        ("url", "https://x.fr/;https://y.fr/", ("https://x.fr/", "https://y.fr/")),
        ("url", "https://x.fr/a;b ; https://y.fr/", ("https://x.fr/a;b", "https://y.fr/")),
        ("url", "https://x.fr/ , https://y.fr", ("https://x.fr/", "https://y.fr")),
        ("url", "www.x.fr\nwww.y.fr", ("www.x.fr", "www.y.fr")),
        ("url", "www.x.fr / www.y.fr - www.z.fr", ("www.x.fr", "www.y.fr", "www.z.fr")),
        ("url", "https://x.fr https://x.fr", ("https://x.fr",)),
        ("url", "https://x.fr/page (Facebook : x)", ()),
        ("url", "https://x.fr voir aussi y.fr", ()),
        ("url", "https://x.fr", ()),
        ("siret", "55210055400013 / 05000007400018", ("55210055400013", "05000007400018")),
        ("siret", "55210055400013\r\n05000007400018", ("55210055400013", "05000007400018")),
        ("siret", "552 100 554 00013 ; 050 000 074 00018", ("552 100 554 00013", "050 000 074 00018")),
        ("siret", "552100554 / 00013", ()),
        ("siret", "552 100 554 00013", ()),
        ("year", "2019 et 2020", ("2019", "2020")),
        ("insee_departement", "39 ; 21", ("39", "21")),
        ("latitude", "48,85", ()),
        ("decimal", "152 000,50", ()),
        ("name", "Le Lieu et l'Autre ; ici", ()),
    ],
)
def test_several_values_in_one_cell(type_: str, raw: str, values: tuple[str, ...]) -> None:
    assert several(type_, raw, CLEANERS[type_]) == values


@settings(max_examples=300)
@given(siret=sirets(), separator=st.sampled_from(["", " ", ".", "-", "\u00a0", "\u202f", "\u2011"]))
def test_the_siren_of_a_siret_however_it_is_written(siret: str, separator: str) -> None:
    written = separator.join((siret[:3], siret[3:6], siret[6:9], siret[9:]))
    assume(not siret.endswith("0000"))
    assert beginning("siren", written, 9) == Cleaned(siret[:9])
    assert CLEANERS["siret"](written) == Cleaned(siret)


@settings(max_examples=300)
@given(siret=sirets())
def test_a_lost_zero_is_never_another_company(siret: str) -> None:
    """What is left of a SIRET as a number gives its own SIREN or none, and says that it was mended."""
    number = siret.lstrip("0")
    cleaned = beginning("siren", number, 9)
    assert cleaned.value in (None, siret[:9])
    if cleaned.value and number != siret:
        assert cleaned.code == RESTORED


@settings(max_examples=300)
@given(
    number=st.integers(10**7, 10**14 - 1),
    digits=st.integers(1, 10),
    comma=st.booleans(),
    written_out=st.booleans(),
    type_=st.sampled_from(["siret", "siren"]),
)
def test_no_identifier_comes_out_of_a_rounded_number(
    number: int, digits: int, *, comma: bool, written_out: bool, type_: str
) -> None:
    """Neither in scientific notation nor, for a SIRET, written out again with zeros."""
    rounded = f"{number:.{digits - 1}E}"
    assume(len(str(number)) > digits and (type_ == "siren" or len(str(number)) >= 12))
    if written_out:
        assume(type_ == "siret" and digits <= len(str(number)) - 4)
        text = f"{float(rounded):.0f}"
    else:
        text = rounded.replace(".", ",") if comma else rounded
    for cleaned in (CLEANERS[type_](text), beginning("siren", text, 9)):
        assert (cleaned.value, cleaned.code) == (None, UNCLEAN)


SIGNS = st.text(st.sampled_from(list("0123456789 .,-/;E+'\"=\n\u00a0FRW")), max_size=24)


@settings(max_examples=500)
@given(raw=SIGNS | sirets().flatmap(lambda siret: st.tuples(st.just(siret), SIGNS).map("".join)))
def test_what_a_cleaner_gives_passes_the_check_of_its_type(raw: str) -> None:
    checks = {
        "siren": stdnum_siren.is_valid,
        "siret": stdnum_siret.is_valid,
        "postcode": re.compile(r"[0-9]{5}").fullmatch,
        "year": re.compile(r"(?:18|19|20|21)[0-9]{2}").fullmatch,
        "date": re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]").fullmatch,
        "integer": re.compile(r"-?(?:0|[1-9][0-9]*)").fullmatch,
        "decimal": re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch,
    }
    for type_, check in checks.items():
        for cleaned in (CLEANERS[type_](raw), beginning(type_, raw, 9)):
            assert cleaned.value is None or check(cleaned.value)


@settings(max_examples=300)
@given(
    parts=st.lists(
        st.sampled_from(["https://x.fr/", "www.y.fr", "http://z.fr/a?b=c", "voir", "(page)", "ou", "néant"]),
        min_size=2,
        max_size=4,
    ),
    separator=st.sampled_from([" ", "\n", " ; ", " ou ", ", ", " / ", "\u00a0"]),
)
def test_no_address_is_made_of_several_values(parts: list[str], separator: str) -> None:
    cleaned = CLEANERS["url"](separator.join(parts))
    assert cleaned.value is None or ("%20" not in cleaned.value and cleaned.value.count("//") == 1)
