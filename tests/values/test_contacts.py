"""The detector of contacts, measured on a labelled list (contacts.jsonl), all of it invented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clirld.values import contacts
from clirld.values.web_url import web_url

LINES = (Path(__file__).parent / "contacts.jsonl").read_text(encoding="utf-8").splitlines()
ENTRIES = [json.loads(line) for line in LINES]
SPELLINGS = [one["text"] for one in ENTRIES if one["contact"]]
LOOK_ALIKES = [one["text"] for one in ENTRIES if not one["contact"]]


def test_recall_and_precision(figure: Callable[[str], None]) -> None:
    assert len(SPELLINGS) >= 300
    assert len(LOOK_ALIKES) >= 300
    missed = [text for text in SPELLINGS if not contacts.find(text)]
    mistaken = [text for text in LOOK_ALIKES if contacts.find(text)]
    found = len(SPELLINGS) - len(missed)
    recall, precision = found / len(SPELLINGS), found / (found + len(mistaken))
    figure(
        f"contacts: recall {recall:.3f} of {len(SPELLINGS)} spellings,"
        f" precision {precision:.3f} beside {len(LOOK_ALIKES)} look-alikes"
    )
    assert recall >= 0.98, missed
    assert precision >= 0.95, mistaken


@pytest.mark.parametrize("text", SPELLINGS)
def test_nothing_of_a_contact_is_left(text: str) -> None:
    masked = contacts.without_contacts(text)
    assert contacts.find(masked) == []
    if masked != text:
        assert not re.search(r"[0-9](?:\W?[0-9]){6}|@", masked.replace("39300", ""))


# Numbers as they are put together, with the signs that people put between.
pairs = st.lists(st.integers(0, 99).map("{:02}".format), min_size=4, max_size=4)
separators = st.sampled_from([" ", ".", "-", "\u00a0", "\u202f", "\u2011", "\u2013", "\u00b7", " - ", " . ", "  "])
around = st.sampled_from(
    [("", ""), ("Tél. ", ""), ("Appeler le ", " pour venir"), ("(", ")"), ("lieu, ", "."), ("\n", "\n")]
)


@given(st.sampled_from(["06", "07"]), pairs, separators, around)
def test_a_mobile_number_in_pairs_is_found(start: str, rest: list[str], sign: str, beside: tuple[str, str]) -> None:
    number = sign.join([start, *rest])
    if len({int(after) - int(before) for before, after in zip([start, *rest], rest, strict=False)}) == 1:
        return  # 06 07 08 09 10 is a list
    assert contacts.without_contacts(f"{beside[0]}{number}{beside[1]}") == f"{beside[0]}{contacts.MASK}{beside[1]}"


@given(
    st.from_regex(r"[a-z][a-z0-9]{1,8}(?:[._-][a-z0-9]{1,6})?", fullmatch=True),
    st.sampled_from(["@", " @ ", "(at)", " (at) ", "[at]", "＠", " arobase ", "&commat;", "%40", "(arobase)"]),
    st.from_regex(r"[a-z][a-z0-9]{2,8}", fullmatch=True),
    st.sampled_from([".fr", ".org", " point fr", "(point)fr", ".coop"]),
)
def test_an_address_is_found(local: str, sign: str, domain: str, ending: str) -> None:
    if local.startswith("th"):
        return
    assert contacts.find(f"Écrire à {local}{sign}{domain}{ending}")


texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789 .-/+()@,:;atrobse\u00a0\u2011\uff20０６[]", max_size=60),
    st.lists(st.sampled_from([*SPELLINGS, *LOOK_ALIKES]), max_size=4).map(" ".join),
)


@given(texts)
def test_masking_again_changes_nothing_and_nothing_is_left(text: str) -> None:
    masked = contacts.without_contacts(text)
    assert contacts.without_contacts(masked) == masked
    assert contacts.find(masked) == []


@given(texts)
def test_what_is_found_are_parts_in_their_order(text: str) -> None:
    end = 0
    for start, stop in contacts.find(text):
        assert end <= start < stop <= len(text)
        end = stop


@given(st.sampled_from([text for text in LOOK_ALIKES if not contacts.find(text)]), around)
def test_a_look_alike_stays_as_it_is(text: str, beside: tuple[str, str]) -> None:
    """But after « Tél. », where anything is a number to ring."""
    if not beside[0].startswith(("Tél", "Appeler")):
        assert contacts.without_contacts(text) == text


@given(
    st.text(alphabet=st.characters(exclude_categories=["Nd", "Nl", "No"], exclude_characters="@＠﹫&%"), max_size=80)
)
def test_a_text_without_digits_and_at_signs_has_none(text: str) -> None:
    if "arob" not in text.lower() and "at" not in text.lower() and not re.search(r"[\[({<]|chez", text):
        assert contacts.without_contacts(text) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://wa.me/33612345678",
        "https://api.whatsapp.com/send?phone=33612345678",
        "https://exemple.fr/?tel=0612345678",
        "https://exemple.fr/0612345678",
        "https://exemple.fr/?phone=%2B33%206%2012%2034%2056%2078",
        "https://exemple.fr/contact/06-12-34-56-78",
        "https://exemple.fr/qui%40exemple.org",
        "https://exemple.fr/jean.exemple@exemple.fr",
        "https://www.linkedin.com/in/jean-exemple-123/",
    ],
)
def test_an_address_that_leads_to_a_person_is_refused(address: str) -> None:
    refused = web_url(address)
    assert refused.url is None
    assert "personne" in refused.why_fr


@pytest.mark.parametrize(
    "address",
    [
        "https://exemple.fr/actu/2019/06/12/0034",
        "https://exemple.fr/node/12345678",
        "https://www.facebook.com/100012345678901",
        "https://mastodon.exemple.fr/@lelieu",
        "https://exemple.fr/@lelieu@mastodon.exemple",
        "https://www.linkedin.com/company/exemple",
        "https://exemple.fr/?id=0612345678",
        "https://exemple.fr/le-point-at-home.html",
    ],
)
def test_an_address_of_a_place_is_kept(address: str) -> None:
    assert web_url(address).url == address
