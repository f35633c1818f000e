"""The cleaners: cases met in the registries, and what holds for every text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse, serialize

from clirld.issues import Issue
from clirld.values import text
from clirld.values import text as plain
from clirld.values.cleaners import CLEANERS, Cleaned
from clirld.values.text import fold

RESTORED, ADDED, UNCLEAN = "zero-restored", "scheme-added", "value-unclean"

FREE = ("text", "name", "street", "slug", "key")

KEPT = [
    ("text", "  R&amp;D&nbsp;: <b>ateliers</b><br/>et\u200b prêt ", "R&D : ateliers\net prêt"),
    ("text", "un\r\n\r\n\r\n\r\ndeux", "un\n\ndeux"),
    ("text", "e\u0301te\u0301", "été"),
    ("text", "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;ok", "ok"),
    ("text", "a <3 b, c > d", "a <3 b, c > d"),
    ("text", "http://x.fr/?a=1&region=2", "http://x.fr/?a=1&region=2"),
    ("text", "nul\0 et \ud800moitié", "nul et moitié"),
    ("text", "à \u202ebidi\u202c", "à bidi"),
    ("name", "Le\u00a0Zinc\n (bar)", "Le Zinc (bar)"),
    ("name", "La Nan", "La Nan"),
    ("name", "3.0", "3.0"),
    ("name", "=> le lieu", "=> le lieu"),
    ("name", "#1 des lieux", "#1 des lieux"),
    ("name", '="Le Lieu"', "Le Lieu"),
    ("slug", "Tiers lieux à dominante « Œuvre »", "tiers-lieux-a-dominante-oeuvre"),
    ("key", "http://PWA/POI/1%2C2 é", "http%3A%2F%2FPWA%2FPOI%2F1%2C2%20%C3%A9"),
    ("siren", "062201199", "062201199"),
    ("siren", "062 201 199", "062201199"),
    ("siren", "344613658.0", "344613658"),
    ("siret", "06220119900031", "06220119900031"),
    ("siret", "356 000 000 00048", "35600000000048"),
    ("siret", "35600000049837", "35600000049837"),  # La Poste: sum of digits a multiple of 5, no Luhn
    ("siren", "380.972.000", "380972000"),
    ("siret", "552\u00a0100\u00a0554\u202f00013", "55210055400013"),
    ("siret", "552-100-554-00013", "55210055400013"),
    ("siret", "552.100.554.00013", "55210055400013"),
    ("siret", "55,210,055,400,013", "55210055400013"),
    ("siret", "55210055400013,00", "55210055400013"),
    ("siret", "5.5210055400013E13", "55210055400013"),  # all digits are there
    ("siret", "'05000007400018", "05000007400018"),
    ("siret", '="05000007400018"', "05000007400018"),
    ("siret", "\uff15\uff15\uff12\uff11\uff10\uff10\uff15\uff15\uff14\uff10\uff10\uff10\uff11\uff13", "55210055400013"),
    ("rna", "w832023177", "W832023177"),
    ("rna", "W9R1011072", "W9R1011072"),
    ("naf", "62.01Z", "62.01Z"),
    ("naf", "6201z", "62.01Z"),
    ("insee_commune", "29151", "29151"),
    ("insee_commune", "2a004", "2A004"),
    ("insee_commune", "97411.0", "97411"),
    ("insee_departement", "2A", "2A"),
    ("insee_departement", "974", "974"),
    ("postcode", "84200.0", "84200"),
    ("postcode", "86073", "86073"),
    ("postcode", "44 300", "44300"),
    ("postcode", "F-31000", "31000"),
    ("postcode", "FR 31000", "31000"),
    ("postcode", "44.300", "44300"),
    ("postcode", "39.000", "39000"),
    ("insee_commune", "974 11", "97411"),
    ("insee_departement", "75.0", "75"),
    ("latitude", "47,245935", "47.245935"),
    ("latitude", "44.20374", "44.20374"),
    ("latitude", "48.85, 2.35", "48.85"),
    ("longitude", "48.85, 2.35", "2.35"),
    ("longitude", "(48.85;-2.35)", "-2.35"),
    ("longitude", "-1.27852", "-1.27852"),
    ("longitude", "−1.5", "-1.5"),
    ("longitude", "-0.0", "0.0"),
    ("latitude", "1E-7", "0.0000001"),
    ("latitude", "48°51'24\"N", "48.856667"),
    ("latitude", "48° 51′ 24″ N", "48.856667"),
    ("latitude", "N 48°51,4'", "48.856667"),
    ("latitude", "48,85°", "48.85"),
    ("latitude", "21.1 S", "-21.1"),
    ("longitude", "2°21'7.5''O", "-2.352083"),
    ("longitude", "5° 30' 0\" E", "5.5"),
    ("integer", "859", "859"),
    ("integer", "2\u202f220 445", "2220445"),
    ("integer", "859.0", "859"),
    ("integer", "0", "0"),
    ("integer", "1.234.567", "1234567"),
    ("integer", "1234.000", "1234"),
    ("integer", "1.20000E+05", "120000"),
    ("decimal", "1.234,56", "1234.56"),
    ("decimal", "1,234.56", "1234.56"),
    ("decimal", "152\u202f000,50", "152000.5"),
    ("decimal", "0", "0"),
    ("decimal", "-3", "-3"),
    ("decimal", "100", "100"),
    ("date", "2026-01-08", "2026-01-08"),
    ("date", "20/11/2017 à 11:43", "2017-11-20"),
    ("date", "2015-02-09 12:51:34", "2015-02-09"),
    ("date", "1/6/2019", "2019-06-01"),
    ("year", "2023.0", "2023"),
    ("year", "2021-05-01", "2021"),
    ("year", "2 019", "2019"),
    ("year", "2.019", "2019"),
    ("datetime", "2026-11-24T11:00:00+01:00", "2026-11-24T10:00:00Z"),
    ("url", "https://letierslieudecarpentras.fr", "https://letierslieudecarpentras.fr"),
    ("url", "http://www.coolandworkers.Com", "http://www.coolandworkers.com"),
    ("url", "http:\\/\\/app.cagette.net\\/group\\/558", "http://app.cagette.net/group/558"),
    ("url", "HTTP://Été.fr/Café%20du%20coin?q=é#é#", "http://xn--t-9fab.fr/Caf%C3%A9%20du%20coin?q=%C3%A9#%C3%A9%23"),
    ("url", "https://web.archive.org/web/2019/http://x.fr", "https://web.archive.org/web/2019/http://x.fr"),
    ("url", "https://x.fr/?u=https://y.fr", "https://x.fr/?u=https://y.fr"),
    ("url", "https://x.fr/a,b;c|d", "https://x.fr/a,b;c%7Cd"),
    ("url", "http://x.fr/100%/%C3%A9", "http://x.fr/100%25/%C3%A9"),
    ("url", "https://www.flickr.com/photos/12@N0/", "https://www.flickr.com/photos/12@N0/"),
    ("url", "https://x.fr/@lieu@social.x.fr", "https://x.fr/@lieu@social.x.fr"),
    ("url", "<https://x.fr/a|b>", "https://x.fr/a%7Cb"),
]
MENDED = [
    ("siren", "62201199", "062201199", RESTORED),
    ("siret", "6220119900031", "06220119900031", RESTORED),
    ("siret", "5 000 007 400 018", "05000007400018", RESTORED),
    ("siret", "5.000007400018E12", "05000007400018", RESTORED),
    ("naf", "1.11Z", "01.11Z", RESTORED),
    ("insee_commune", "1400.0", "01400", RESTORED),
    ("insee_departement", "1", "01", RESTORED),
    ("postcode", "1000", "01000", RESTORED),
    ("postcode", "1.000", "01000", RESTORED),
    ("text", "1234.0", "1234", "decimals-removed"),
    ("name", "104.0", "104", "decimals-removed"),
    ("url", "www.ade-coworking.net", "http://www.ade-coworking.net", ADDED),
    ("url", "\u00a0www.pingpong-cowork.com", "http://www.pingpong-cowork.com", ADDED),
    ("url", "HealthSquare.fr", "http://healthsquare.fr", ADDED),
    ("url", "//x.fr/a", "http://x.fr/a", ADDED),
    ("url", "www.x.fr:8080/a", "http://www.x.fr:8080/a", ADDED),
]
NOTHING = [
    *((type_, raw) for type_ in CLEANERS for raw in ("", " ", "\u00a0\u200b")),
    *((type_, raw) for type_ in ("text", "name", "siren", "url", "date") for raw in ("NULL", "-", "_", "NaN", "n/a")),
    *(
        (type_, raw)
        for type_ in CLEANERS
        for raw in (
            "#REF!",
            "#N/A",
            "#NOM?",
            "#VALEUR!",
            "#VALUE!",
            "#DIV/0!",
            "#####",
            "None",
            "null",
            "NULl",
            "?",
            "??",
            "non renseigné",
            "Non Renseignée",
            "sans objet",
            "N/A",
            "non communiqué",
            "(null)",
            "[non renseigné]",
            "…",
            "Err:502",
        )
    ),
    *(
        (type_, raw)
        for type_ in CLEANERS
        if type_ not in ("slug", "key")
        for raw in ("néant", "nc", "aucun", "(vide)", "A définir")
    ),
    ("rna", "W000000000"),
    *((type_, raw) for type_ in CLEANERS if type_ not in FREE for raw in ("Néant", "NC", "N.C.", "NR", "Aucun", "ND")),
    ("text", "Néant"),
    ("url", "http://"),
    ("url", "pas de site internet"),
    ("insee_commune", "0"),
    ("insee_commune", "00000"),
    ("insee_commune", "INSEE"),
    ("siren", "000000000"),
    ("siret", "0"),
    ("postcode", "0"),
    ("date", "0001-01-01"),
    ("date", "1900-01-01"),
    ("date", "01/01/1900"),
    ("year", "0"),
    *(
        ("date", raw)
        for raw in (
            "1899-12-30",
            "1899-12-31",
            "30/12/1899",
            "30/12/1899 00:00",
            "1900-01-00",
            "00/01/1900",
            "9999-12-31",
            "31/12/9999",
        )
    ),
    ("datetime", "1970-01-01T00:00:00Z"),
    ("year", "1899-12-30"),
    ("year", "9999"),
]
DOUBTFUL = [
    ("name", "Néant", "Néant"),
    ("name", "NC", "NC"),
    ("name", "Total", "Total"),
    ("name", "Nan", "Nan"),
    ("text", "NC", "NC"),
    ("name", "Caf\ufffd associatif", "Caf\ufffd associatif"),
    ("text", "CafÃ© associatif", "CafÃ© associatif"),
    ("name", "Maison de lâ€™Ã©tÃ©", "Maison de lâ€™Ã©tÃ©"),
    ("street", "rue Exemple - Bà¤timent A", "rue Exemple - Bà¤timent A"),
    ("name", "Un cœur voilÃ ici", "Un cœur voilÃ ici"),
    ("date", "1970-01-01", "1970-01-01"),
    ("date", "1904-01-01", "1904-01-01"),
    ("date", "01/01/1904", "1904-01-01"),
    ("date", "2099-01-01", "2099-01-01"),
    ("date", "2019-03-04T23:30:00Z", "2019-03-04"),
    ("year", "1970-01-01", "1970"),
    ("decimal", "12.345", "12.345"),
]
REFUSED = [
    ("siren", "062201198"),
    ("siren", "12345"),
    ("siren", "\u0666\u0662\u0662\u0660\u0661\u0661\u0669\u0669\u0660"),
    ("siret", "062201199"),  # a SIREN: five zeros before it would pass Luhn
    ("siret", "06220119900032"),
    ("siret", "3,80951E+13"),
    ("siret", "3.80951E+13"),
    ("siret", "38097200000000"),  # NIC 00000
    ("siret", "38095100010000"),
    ("siret", "55210055400013 / 05000007400018"),
    ("siret", "552100554 00013\n05000007400018"),
    ("siret", "FR12552100554"),
    ("siren", "3.80951E+08"),
    ("siren", "55210055.4"),
    ("text", "3,80951E+13"),
    ("text", "=A1+B2"),
    ("name", "=CONCATENER(A1;B1)"),
    ("date", "=AUJOURDHUI()"),
    ("insee_departement", "2\n1"),
    ("insee_departement", "2-1"),
    ("postcode", "7,5011E+04"),
    ("longitude", "1 30"),  # degrees and minutes
    ("integer", "12.000"),
    ("integer", "12,500"),
    ("integer", "12 34"),
    ("integer", "3.8E+05"),
    ("decimal", "12.000"),
    ("rna", "751P00085568"),
    ("rna", "W12345678"),
    ("naf", "45.2R"),
    ("naf", "721Z"),
    ("naf", "62.01"),
    ("insee_commune", "20004"),
    ("insee_commune", "750"),
    ("insee_departement", "20"),
    ("postcode", "00100"),
    ("postcode", "75008 PARIS"),
    ("latitude", "91"),
    ("latitude", "48,85, 2,35"),
    ("latitude", "95.1, 2.35"),
    ("longitude", "48.85, 2"),
    ("latitude", "NORD"),
    ("latitude", "48°51'24\"E"),
    ("latitude", "-48°51'24\"S"),
    ("latitude", "48°60'"),
    ("latitude", "48.5°30'"),
    ("latitude", '48°24"'),
    ("latitude", "90°30'"),
    ("longitude", "2°21'7\"N"),
    ("postcode", "F-3100"),
    ("postcode", "CH-1914"),
    ("longitude", "-180.5"),
    ("integer", "12.5"),
    ("decimal", "1e3"),
    ("decimal", "environ 12"),
    ("integer", "9" * 5000),
    ("date", "31/02/2020"),
    ("date", "20/11/17"),
    ("date", "2017"),
    ("date", "1511174580000"),
    ("date", "2999-05-06"),
    ("date", "2019-02-30"),
    ("date", "29/02/1900"),
    ("date", "12/31/2019"),
    ("date", "03/04/19"),
    ("year", "17"),
    ("datetime", "2026-11-24T11:00:00"),
    ("name", "x" * 301),
    ("slug", "!!!"),
    ("url", "en cours"),
    ("url", "nomade.lyon@laposte.fr"),
    ("url", "http://[email]"),
    ("url", "http://contact@x.fr"),
    ("url", "https://x.fr/inscription?mail=who@x.org"),
    ("url", "https://x.fr who@x.org"),
    ("url", "mailto:a@x.fr"),
    ("url", "ftp://x.fr/a"),
    ("url", "javascript:alert(1)"),
    ("url", "http://www.chezmÃ©mÃ©.fr"),
    ("url", "www.la-cordee.netla-cordee-opera"),
    ("url", "https://atelier-d-cales.jimdo.com|site web"),
    ("url", "http://solozere.com/maison-cohesion-social…"),
    ("url", "Innovation studio\u00a0http://theschoolab.com/"),
    ("url", "https://x.fr/Café du coin"),  # or a remark
    ("url", "https://x.fr/page (Facebook : x)"),
    ("url", "https://x.fr https://y.fr"),
    ("url", "www.x.fr\nwww.y.fr"),
    ("url", "https://x.fr/%20https://y.fr/"),
    ("url", "https://x.fr/;https://y.fr/"),
    ("url", "https://x.frhttps://y.fr"),
    ("url", "www.x.fr/www.y.fr"),
    ("url", "M.Dupont"),
    ("url", "06.12.34.56.78"),
    ("url", "http://localhost/"),
    ("url", "http://192.168.0.1/"),
    ("url", "http://x.fr:99999/"),
    ("url", "http://x.fr/" + "a" * 2000),
]


@pytest.mark.parametrize(("type_", "raw", "value"), KEPT)
def test_a_value_is_cleaned(type_: str, raw: str, value: str) -> None:
    assert CLEANERS[type_](raw) == Cleaned(value)


@pytest.mark.parametrize(("type_", "raw", "value", "code"), MENDED)
def test_a_mended_value_says_so(type_: str, raw: str, value: str, code: str) -> None:
    cleaned = CLEANERS[type_](raw)
    assert cleaned == Cleaned(value, code)
    assert cleaned.detail(type_) == {"to": value}


@pytest.mark.parametrize(("type_", "raw", "value"), DOUBTFUL)
def test_a_doubtful_value_is_kept_and_says_so(type_: str, raw: str, value: str) -> None:
    cleaned = CLEANERS[type_](raw)
    assert (cleaned.value, cleaned.code) == (value, "value-doubtful")
    issue = Issue("s", "records", "value-doubtful", value=raw, detail=cleaned.detail(type_))
    assert cleaned.why_fr in issue.message("fr")
    assert cleaned.why_en in issue.message("en")


@pytest.mark.parametrize(("type_", "raw"), NOTHING)
def test_no_value_is_no_issue(type_: str, raw: str) -> None:
    assert CLEANERS[type_](raw) == Cleaned(None)


@pytest.mark.parametrize(("type_", "raw"), REFUSED)
def test_what_is_not_of_the_type_is_refused_with_the_reason(type_: str, raw: str) -> None:
    cleaned = CLEANERS[type_](raw)
    assert (cleaned.value, cleaned.code) == (None, UNCLEAN)
    issue = Issue("s", "records", UNCLEAN, value=raw, detail=cleaned.detail(type_))
    assert cleaned.why_fr in issue.message("fr")
    assert cleaned.why_en in issue.message("en")
    assert cleaned.why_fr != cleaned.why_en


def test_only_spreadsheet_zeros_are_put_back() -> None:
    """A SIREN that lost its zero is restored only where its check digit then fits."""
    assert CLEANERS["siren"]("62201198").value is None


SIGNS = st.sampled_from(list("<>&;#/\\%@:.-_'\"| \n\t0123456789WZabé\u00a0\u200b\ud800\ufffe{}[]^`")) | st.characters()
ANY = st.text(SIGNS, max_size=60) | st.sampled_from(
    [case[1] for case in [*KEPT, *MENDED, *DOUBTFUL, *REFUSED, *NOTHING]]
)
IRIS = {"url", "key", "slug"}


@pytest.mark.parametrize("type_", CLEANERS)
@settings(max_examples=150)
@given(raw=ANY)
def test_every_cleaner_is_total_idempotent_and_safe(type_: str, raw: str) -> None:
    """Never raises; cleaning again changes nothing, and notes a doubt at most; the result survives N-Quads and IRIs."""
    cleaned = CLEANERS[type_](raw)
    if cleaned.value is None:
        if type_ == "street" and cleaned.code == "street-only-person":
            return  # nothing was left of it
        assert cleaned.code in (None, UNCLEAN)
        assert bool(cleaned.code) == bool(cleaned.why_fr) == bool(cleaned.why_en)
        return
    assert cleaned.value == cleaned.value.strip() != ""
    again = CLEANERS[type_](cleaned.value)
    assert again.value == cleaned.value
    assert again.code is None or (again.code == cleaned.code == "value-doubtful")
    node = NamedNode("http://x.fr/")
    quad = Quad(node, node, Literal(cleaned.value), node)
    data = serialize([quad], format=RdfFormat.N_QUADS)
    assert list(parse(data, format=RdfFormat.N_QUADS)) == [quad]
    if type_ in IRIS:
        iri = cleaned.value if type_ == "url" else f"https://w3id.org/clirld/id/{cleaned.value}"
        assert re.fullmatch(r"[!-~]+", iri)
        assert not re.search(r'[<>"{}|^`\\]', iri)
        line = f"<{iri}> <{iri}> <{iri}> <{iri}> .\n"
        assert len(list(parse(line.encode(), format=RdfFormat.N_QUADS))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("MONTMOREAU ST CYBARD", "Montmoreau-Saint-Cybard"),
        ("L'Haÿ-les-Roses", "l’hay les roses"),
        ("STE FOY LES LYON", "Sainte-Foy-lès-Lyon"),
        ("Évry-Courcouronnes Cedex 2", "evry courcouronnes"),
        ("Paris 11e", "PARIS"),
        ("Lyon 3ème arrondissement", "Lyon"),
        ("Marseille 01", "Marseille"),
        ("VILLENEUVE S/ LOT", "Villeneuve-sur-Lot"),
        ("Œuilly", "OEUILLY"),
    ],
)
def test_names_that_mean_the_same_fold_alike(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_names_that_differ_stay_apart() -> None:
    assert len({fold(name) for name in ("Lyons-la-Forêt", "Lyon", "Paris-l'Hôpital", "Paris", "Saint-Cedexe")}) == 5


@settings(max_examples=300)
@given(
    seconds=st.integers(0, 89 * 3600 + 3599),
    letter=st.sampled_from(["N", "S", ""]),
    signs=st.sampled_from([("°", "'", '"'), ("º", "’", "”"), ("°", "′", "″"), ("°", "'", "''")]),
    space=st.sampled_from(["", " "]),
)
def test_degrees_minutes_and_seconds_are_reckoned(
    seconds: int, letter: str, signs: tuple[str, str, str], space: str
) -> None:
    parts = seconds // 3600, seconds // 60 % 60, seconds % 60
    text = space.join([*(f"{part}{sign}" for part, sign in zip(parts, signs, strict=True)), letter]).strip()
    degrees = float(CLEANERS["latitude"](text).value or "nan")
    assert degrees == pytest.approx((-1 if letter == "S" else 1) * seconds / 3600, abs=1e-6)


@given(raw=ANY)
def test_folding_twice_is_folding_once(raw: str) -> None:
    assert fold(fold(raw)) == fold(raw)


def test_every_untidy_sign_is_found() -> None:
    """The search that spares the translation misses none of the signs it is for."""
    assert [code for code in text._TRANSLATION if code != 0x20 and not text._UNTIDY.search(chr(code))] == []


@given(st.text())
def test_sign_by_sign_a_text_loses_the_accents_that_it_loses_as_a_whole(raw: str) -> None:
    assert plain.unaccented(raw) == plain._without_marks(plain._without_marks(raw).casefold())


@given(st.text(st.characters(max_codepoint=127)))
def test_words_are_told_apart_by_a_table_as_by_the_expression(raw: str) -> None:
    assert raw.translate(plain._SPACED).split() == plain._WORD.findall(raw)


FRENCH = "àâäæçéèêëîïôöùûüœÀÂÇÉÈÊÎÔŒ"
SMALL = st.text("abcdefghilmnoprstuv", min_size=1, max_size=8)


@given(SMALL, st.sampled_from(FRENCH), SMALL, st.sampled_from(["cp1252", "mac_roman", "cp850"]))
def test_a_letter_that_was_read_in_a_wrong_encoding_is_doubted_and_left(
    before: str, letter: str, after: str, encoding: str
) -> None:
    try:
        damaged = letter.encode().decode(encoding)
    except UnicodeDecodeError:  # no letter of the encoding, and so the file is not read at all
        return
    if damaged.isspace() or damaged[-1].isspace():
        return  # the second half of an à is a space that does not break
    for name in ("name", "text"):
        cleaned = CLEANERS[name](f"{before}{damaged}{after}")
        assert cleaned.code == "value-doubtful", (damaged, cleaned)
        assert damaged[0] in str(cleaned.value)


@given(
    st.lists(SMALL | st.sampled_from([*FRENCH, "’", " « ", " » ", "·", " – ", " n° ", " m² ", "Å", "São Tomé", "à"]))
)
def test_french_is_not_taken_for_damaged(pieces: list[str]) -> None:
    cleaned = CLEANERS["text"](f"un lieu {' '.join(pieces)} {''.join(pieces)}")
    assert cleaned.why_fr != "lettres abîmées par un mauvais encodage"
