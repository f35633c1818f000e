"""What is asked, what is found and in which order, and what is said where nothing fits."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from clirld.query.failure import Language
from clirld.reuse import matching
from clirld.reuse.answer import Answer, Question, answer, ranks_in_words
from clirld.reuse.candidates import Known, candidates
from clirld.reuse.places import Refused, check_digits
from clirld.reuse.sections import named_groups, named_place, sections
from clirld.reuse.wording import close_cases
from tests.reuse.small import facts, likeness

LANGUAGES: tuple[Language, ...] = ("fr", "en")


def asked(territory: str, **more: list[str]) -> Answer:
    return answer(facts(), likeness(), Question(territory, more.get("needs", []), more.get("practices", [])))


def names(found: Answer) -> list[str]:
    return [case.initiative.label for case in found.cases]


def test_need_first_then_likeness() -> None:
    found = asked("01001", needs=["jobs"])
    assert names(found) == ["Cas deux", "Cas porté", "Cas large"]
    assert found.others == []
    assert [case.match.is_close for case in found.cases] == [True, True, False]
    assert (found.close, found.known, found.notes) == (2, 4, [])
    two, own, wide = (case.match for case in found.cases)
    assert (own.is_own, own.rank, own.narrower_needs[0].label) == (True, None, "emploi durable")
    assert (two.rank, two.compared, [one.label for one in two.situations]) == (1, 2, ["peu dense"])
    assert "Les plus différents" in two.likeness
    assert sum(two.shares.values()) == pytest.approx(1, abs=0.05)
    assert wide.territory is not None
    assert (wide.territory.label, wide.rank) == ("Ain", None)
    assert "n'est pas connue" in wide.differs[0]


def test_a_related_need_counts_less_and_is_not_close() -> None:
    found = asked("01002", needs=["jobs-later"])
    assert names(found) == ["Cas porté", "Cas deux", "Cas large"]
    assert [case.match.is_close for case in found.cases] == [True, False, False]
    assert [one.label for one in found.cases[1].match.related_needs] == ["débouchés"]
    assert "besoin est voisin" in found.cases[1].match.differs[0]


@pytest.mark.parametrize("need", ["housing", "LOGEMENT", "Housing", "https://w3id.org/clirld/concept/need/housing"])
def test_a_need_by_any_of_its_names(need: str) -> None:
    assert names(asked("01001", needs=[need]))[0] == "Cas trois"


def test_a_practice_field_narrows_what_is_close() -> None:
    found = asked("01001", practices=["cuisine"])
    assert (names(found)[0], found.close) == ("Cas deux", 1)


def test_none_close_says_so_and_shows_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "NEAR", 1)
    found = asked("01001", needs=["housing"])
    assert found.close == 0
    assert "Aucun cas raconté n'est proche" in found.notes[0]
    assert "dans un des 50 territoires" in found.notes[0]
    assert "d'abord ceux qui répondent le mieux" in found.notes[0]
    assert "rang 2 sur 2" in found.cases[0].match.differs[0]
    assert all(case.match.differs for case in found.cases)


def test_what_does_not_answer_the_need_is_told_apart_and_as_such() -> None:
    """The territory's own, too: a case of another need is no answer, however near it is."""
    found = asked("01001", needs=["housing"])
    assert names(found) == ["Cas trois"]
    assert [case.initiative.label for case in found.others] == ["Cas deux", "Cas porté"]
    unlike = "le besoin est différent, ou n'est pas précisé"
    assert [case.match.unlike for case in found.others] == [[unlike], [unlike]]
    alone = answer(facts(), likeness(), Question("01001", ["housing"], limit=1))
    assert [case.initiative.label for case in alone.own] == ["Cas porté"]
    assert alone.own[0].match.unlike == [unlike]
    assert alone.others == []
    none = answer(
        facts(more='n:moon skos:inScheme scheme:need ; skos:prefLabel "lune"@fr .'),
        likeness(),
        Question("01001", ["moon"]),
    )
    assert (none.cases, none.close, len(none.others)) == ([], 0, 3)
    assert none.notes == ["Aucun cas raconté ne répond à ce qui est demandé, ni près ni loin."]


def test_the_order_that_is_said_is_the_true_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """First the fit, then the likeness, and of equal fit those whose likeness is not known last."""
    monkeypatch.setattr(matching, "NEAR", 0)
    more = "i:a-far rdfs:label 'Loin'@fr ; clir:actsIn t:departement-01 ; dct:source x:a . "
    more += "x:nf clir:addressedBy i:a-far ; clir:needKind n:jobs-trained . "
    more += "i:b-near rdfs:label 'Près'@fr ; clir:actsIn t:commune-01002 ; dct:source x:b . "
    more += "x:nb clir:addressedBy i:b-near ; clir:needKind n:jobs-later ."
    found = answer(facts(more=more), likeness(), Question("01003", ["jobs-trained"]))
    order = [(len(one.match.needs), one.match.rank) for one in found.cases]
    assert order == [(1, 1), (1, None), (0, 1)]
    assert names(found) == ["Cas deux", "Loin", "Près"]


def test_without_a_need_likeness_alone_ranks_and_that_is_said() -> None:
    found = asked("epci-000000001")
    assert names(found) == ["Cas deux", "Cas trois", "Cas porté", "Cas large"]  # its own after those of others
    assert "selon la seule ressemblance du territoire" in found.notes[0]


@pytest.mark.parametrize(
    ("given", "epci", "note"),
    [
        ("01001", "Un", None),
        ("1001", "Un", None),
        ("01381", "Un", None),
        ("arrondissement-municipal-01381", "Un", None),
        ("000000001", "Un", None),
        ("https://w3id.org/clirld/id/territory/commune-01001", "Un", None),
        ("01005", "Un", "Ancienne est aujourd'hui : Une."),
        ("commune-01007", "Deux", "les autres : Trois"),
    ],
)
def test_a_code_leads_to_the_grouping_of_today(given: str, epci: str, note: str | None) -> None:
    found = asked(given, needs=["jobs"])
    assert found.territory.label == epci
    assert (note is None) == (not found.notes)
    assert note is None or any(note in one for one in found.notes)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("01999", "reuse-territory"),
        ("nowhere", "reuse-territory"),
        ("", "reuse-no-territory"),
        ("01 2", "reuse-territory"),
        ("departement-01", "reuse-wide-territory"),
        ("01004", "reuse-no-grouping"),
    ],
)
def test_what_is_no_grouping(given: str, kind: str) -> None:
    with pytest.raises(Refused) as refused:
        asked(given)
    assert refused.value.failure.kind == kind
    assert refused.value.failure.error().fr


def test_a_name_leads_to_its_territory_if_it_is_of_one() -> None:
    known = {"une": ["commune-01001"], "partout": ["commune-01001", "commune-01002"]}
    known["jadis"] = ["commune-01005", "commune-01002"]
    names_of = lambda name: known.get(name.lower(), [])  # noqa: E731
    assert answer(facts(), likeness(), Question("Une"), names_of).territory.label == "Un"
    assert answer(facts(), likeness(), Question("Jadis"), names_of).territory.label == "Deux"
    for given, kind in (("Partout", "reuse-several-territories"), ("Nulle part", "reuse-territory")):
        with pytest.raises(Refused) as refused:
            answer(facts(), likeness(), Question(given), names_of)
        assert refused.value.failure.kind == kind


def test_a_former_commune_is_not_clear_where_its_name_may_be_of_another() -> None:
    former = lambda _name: ["commune-01005", "commune-01002"]  # noqa: E731
    with pytest.raises(Refused) as refused:
        answer(facts(), likeness(), Question("ancienne"), former)
    assert [(one.label, where) for one, where in refused.value.choices] == [
        ("Ancienne", "Ain, 01005, aujourd'hui Une"),
        ("Duo", "01002"),
    ]


def test_five_digits_that_are_a_code_and_a_postcode_are_told_and_can_be_chosen_from() -> None:
    digits = {"01001": ["commune-01002", "commune-01003"], "01002": ["commune-01002"], "99999": ["commune-01003"]}
    digits["88888"] = ["commune-01001", "commune-01002"]
    names_of = lambda text: digits.get(text, [])  # noqa: E731
    found = answer(facts(), likeness(), Question("01001", ["jobs"]), names_of)
    assert found.territory.label == "Un"
    assert "01001 est lu comme le code Insee de Une ; c'est aussi le code postal de : Duo, Tria." in found.notes[0]
    with pytest.raises(Refused) as refused:
        check_digits(facts(), "01001", names_of)
    assert [(one.label, where) for one, where in refused.value.choices] == [
        ("Une", "Ain, code Insee 01001"),
        ("Duo", "code postal 01001"),
        ("Tria", "code postal 01001"),
    ]
    for clear in ("01002", "99999", "commune-01001", "000000001", "Une"):
        check_digits(facts(), clear, names_of)
    only = answer(facts(), likeness(), Question("99999", ["jobs"]), names_of)
    assert (only.territory.label, only.notes[0]) == ("Trois", "Compris : Tria.")
    with pytest.raises(Refused) as refused:
        answer(facts(), likeness(), Question("88888"), names_of)
    assert refused.value.failure.kind == "reuse-several-territories"


def test_an_unknown_need_is_refused_with_those_there_are() -> None:
    for words in ({"needs": ["moon"]}, {"needs": ["empl"]}):
        with pytest.raises(Refused) as refused:
            asked("01001", **words)
        assert refused.value.about == "need"
        assert "débouchés" in refused.value.failure.text("do", "fr")
        assert "jobs-" not in refused.value.failure.text("do", "fr")  # the names, and no ends of IRIs
    assert "vouliez-vous dire : emploi" in refused.value.failure.text("what", "fr")


def test_a_code_whose_zeros_were_left_out_is_not_guessed_but_advised() -> None:
    with pytest.raises(Refused) as refused:
        asked("01 2")
    assert "vouliez-vous dire 01002 Duo ?" in refused.value.failure.text("what", "fr")
    assert asked("1001").territory.label == "Un"


def test_without_figures_and_without_enough_of_them() -> None:
    without = answer(facts(), None, Question("01001", ["jobs"]))
    assert "Cette version n'a pas les chiffres" in without.notes[0]
    assert names(without)[0] == "Cas porté"
    assert not without.cases[1].match.is_close
    few = asked("epci-000000099", needs=["jobs"])
    assert "n'est pas comparable" in few.notes[0]
    assert few.close == 0


def test_all_that_is_said_of_a_case() -> None:
    case = asked("01001", needs=["jobs"], practices=["kitchen"]).cases[0]
    said = case.experience
    assert [step.text for step in said.processes[0].steps] == ["Commencer", "Finir"]
    assert (said.roles[0].actor.label, said.roles[0].is_public, said.roles[0].start) == ("Ville", True, "2015")
    assert said.outcomes[0].evidence[0].label == "compté"
    assert said.adaptations[0].takeover.label == "Reprise"
    assert [source.iri for source in said.sources] == ["https://example.org/two"]
    told = {one.name: [line.text for line in one.lines] for one in sections(case, "fr")}
    assert told["done"][1].startswith("9. Commencer")
    assert "Il en sort : une idée." in told["done"][1]
    assert told["roles"] == ["Ville : prêteur (depuis 2015)."]
    assert told["obstacles"][1] == "Rien ne dit qu'il ait été levé."
    assert told["outcomes"] == [
        "Des emplois. Équivalents temps plein : 12,5 (2018). Preuve : compté. Selon : elle-même."
    ]
    assert told["adapt"][0] == "Moyens à réunir : Un lieu"
    assert "lessons" not in told


def test_of_two_that_are_alike_in_all_the_one_with_a_process_comes_first() -> None:
    twin = (
        'i:a-twin rdfs:label "Jumeau"@fr ; dct:source x:far ; clir:seatedIn t:commune-01002 . '
        "x:nt clir:addressedBy i:a-twin ; clir:needKind n:jobs-trained ."
    )
    found = answer(facts(more=twin), likeness(), Question("01001", ["jobs"]))
    assert names(found)[:3] == ["Cas deux", "Jumeau", "Cas porté"]


def test_what_no_source_says_is_said_to_be_so_in_both_languages() -> None:
    unsaid = {
        "fr": "Ce qui a été fait ; qui a fait quoi ; obstacles et ce qui les a levés ; résultats et preuves ; "
        "ce qu'il faudrait adapter.",
        "en": "What was done; who did what; obstacles and what overcame them; results and their evidence; "
        "what would have to be adapted.",
    }
    for language in LANGUAGES:
        case = answer(facts(language), likeness(), Question("01003", ["housing"])).cases[0]
        told = {one.name: [line.text for line in one.lines] for one in sections(case, language)}
        assert told["unsaid"] == [unsaid[language]]
        assert told.keys().isdisjoint({"done", "roles", "outcomes", "adapt"})


def test_the_same_answer_whatever_the_order_of_the_store() -> None:
    assert asdict(asked("01001", needs=["jobs"])) == asdict(asked("01001", needs=["jobs"]))
    assert names(answer(facts(more="x:n2 clir:needKind n:housing ."), likeness(), Question("01002", ["housing"])))[
        0
    ] == ("Cas deux")


LISTED = """i:list rdfs:label 'Nommé'@fr ; clir:initiativeKind kind:ptce ; clir:actsIn t:commune-01001 .
x:nl clir:addressedBy i:list ; clir:needKind n:jobs ; dct:source x:registry ."""


def test_what_a_registry_only_names_is_listed_apart_and_counted() -> None:
    found = answer(facts(more=LISTED), likeness(), Question("01001", ["jobs"]))
    assert names(found) == names(answer(facts(), likeness(), Question("01001", ["jobs"])))
    assert [(one.initiative.label, one.rank) for one in found.named] == [("Nommé", 0)]
    assert found.close == 3
    assert close_cases(found.close, len(found.named), found.known, "fr") == (
        "Cas proches : 2 racontés, 1 seulement nommé, sur 5 cas connus en France"
    )
    ((kind, ones),) = named_groups(found.named, "en")
    assert (kind, [named_place(one, "en") for one in ones]) == (
        found.named[0].kinds[0].label,
        ["Une, in the same grouping"],
    )


def test_where_the_close_ones_are_only_named_the_nearest_that_are_told_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "NEAR", 0)
    listed = LISTED.replace("n:jobs", "n:housing")
    found = answer(facts(more=listed), likeness(), Question("01001", ["housing"]))
    assert [one.initiative.label for one in found.named] == ["Nommé"]
    assert names(found)[0] == "Cas trois"
    assert not any(case.match.is_close for case in found.cases)
    assert all(case.match.differs for case in found.cases)
    assert "Aucun cas proche n'est raconté" in found.notes[0]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_no_more_are_shown_than_asked_for(limit: int) -> None:
    found = answer(facts(more=LISTED), likeness(), Question("01001", ["jobs"], limit=limit))
    assert len(found.cases) == limit
    assert [case.match.is_close for case in found.cases] == [True, True, False][:limit]


def test_two_kinds_of_the_need_that_is_asked_for_are_no_more_than_one() -> None:
    several = "i:far rdfs:label 'Loin'@fr ; clir:actsIn t:departement-01 ; dct:source x:far ."
    several += " x:nf clir:addressedBy i:far ; clir:needKind n:jobs-trained, n:jobs-later ."
    found = answer(facts(more=several), likeness(), Question("01001", ["jobs"]))
    assert names(found)[:2] == ["Cas deux", "Cas porté"]


def test_own_cases_that_are_not_shown_are_there_apart() -> None:
    found = answer(facts(), likeness(), Question("01001", ["jobs"], limit=1))
    assert names(found) == ["Cas deux"]
    assert [case.initiative.label for case in found.own] == ["Cas porté"]
    assert asked("01001", needs=["jobs"]).own == []


def test_what_is_told_comes_before_what_only_has_a_name_and_a_page() -> None:
    bare = 'i:a-bare rdfs:label "À peine dit"@fr ; dct:source x:far ; clir:seatedIn t:commune-01002 .'
    bare += " x:nb clir:addressedBy i:a-bare ; clir:needKind n:jobs ."
    found = answer(facts(more=bare), likeness(), Question("epci-000000003"))
    order = names(found)
    assert order.index("Cas deux") < order.index("À peine dit")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_rank_counts_is_said(language: Language) -> None:
    found = answer(facts(language), likeness(), Question("01001", ["jobs"]))
    assert (found.compared, found.groupings) == (2, 3)
    assert str(found.compared) in ranks_in_words(found, language)
    assert ranks_in_words(answer(facts(language), None, Question("01001", ["jobs"])), language) == ""


def test_a_need_that_says_no_more_than_another_is_not_told_twice() -> None:
    twice = "x:again clir:addressedBy i:two ; clir:needKind n:jobs . x:more clir:addressedBy i:two ; "
    twice += 'clir:needKind n:jobs ; dct:description "Plus de travail."@fr .'
    case = next(
        one
        for one in answer(facts(more=twice), likeness(), Question("01001", ["jobs"])).cases
        if one.initiative.label == "Cas deux"
    )
    needs = next(one for one in sections(case, "fr") if one.name == "needs").lines
    assert len({line.text for line in needs}) == len(needs)
    assert sum("Plus de travail" in line.text for line in needs) == 1


def test_what_was_read_for_one_answer_serves_the_next_and_is_the_same() -> None:
    """Texts in another language are those of one answer, whatever others were asked before."""
    kept = facts("en")
    known = Known(candidates(kept))
    for question in (Question("01001", ["jobs"]), Question("01003"), Question("01001", ["jobs"])):
        again, alone = kept.for_another_answer(), facts("en")
        assert answer(again, likeness(), question, known=known) == answer(alone, likeness(), question)
        assert again.languages == alone.languages
    assert answer(facts("fr"), likeness(), question, known=known) == answer(facts("fr"), likeness(), question)
