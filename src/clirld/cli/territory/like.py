"""`clirld territory like`: in which situations a territory is, by which rule, and which others are most like it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from pyoxigraph import Store

from clirld.cli.query import asked_release
from clirld.cli.terminal import AsJson, Data, print_json
from clirld.errors import UsageError
from clirld.french import grouped
from clirld.query.failure import Language
from clirld.query.select import select
from clirld.reuse.communes import CommunesAlike, communes_alike
from clirld.reuse.facts import TERRITORY, Facts
from clirld.reuse.names import names_of
from clirld.reuse.places import Place, Refused, find_place
from clirld.settings import BASE, Settings

_WORDS = {
    "fr": {
        "of": "{0} ({1}), dont {2} fait partie",
        "today": "{0} est aujourd'hui : {1}.",
        "of_several": "{0} ({1}), dont font partie {2}",
        "others": "Ce territoire est partagé ; la réponse est pour sa première intercommunalité. Les autres : {0}.",
        "point": ",",
        "situations": "Situations",
        "none": "Aucune des situations n'est trouvée, ni près de l'être.",
        "rule": "règle {0}",
        "neighbours": "Les plus ressemblants",
        "differs": "écart {0} ; diffère surtout par : {1}",
        "communes": "Les communes les plus ressemblantes, parmi les {0} de {1} habitants qui sont comparables",
        "from": "{0} et plus",
        "to": "{0} à {1}",
        "no-communes": "Communes ressemblantes",
        "colon": " : ",
        "worth": "Part des voisins qui restent : {0} % si un poids bouge d'un cinquième, {1} % sans l'un des groupes. "
        "Chiffres manquants : {2} %.",
        "limits": "Ces fichiers ne disent rien des commerces, d'avant 1999, de l'intérieur des communes "
        "ni de l'étranger.",
    },
    "en": {
        "of": "{0} ({1}), which {2} is part of",
        "today": "{0} is today: {1}.",
        "of_several": "{0} ({1}), which {2} are part of",
        "others": "It is divided; the answer is for the first of its groupings, the others are: {0}.",
        "point": ".",
        "situations": "Situations",
        "none": "None of the situations is found, nor near to be.",
        "rule": "rule {0}",
        "neighbours": "Most alike",
        "differs": "distance {0}; differs most in: {1}",
        "communes": "The most alike communes, among the {0} of {1} inhabitants that can be compared",
        "from": "{0} and more",
        "to": "{0} to {1}",
        "no-communes": "Alike communes",
        "colon": ": ",
        "worth": "Share of the neighbours that stay: {0} % when a weight moves by a fifth, {1} % without one of the "
        "groups. Figures missing: {2} %.",
        "limits": "These files say nothing of shops, of before 1999, of the inside of communes, or of what is abroad.",
    },
}

_PREFIXES = f"""PREFIX clir: <{BASE}ontology#>
PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""


def like(
    code: Annotated[
        str, typer.Argument(metavar="CODE|NAME", help="SIREN of a grouping, INSEE code of a commune in it, or name.")
    ],
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """In which situations a territory is, by which rule and figures, and which others are most like it."""
    settings = Settings.from_environment(data=data)
    folder = asked_release(settings, identifier).folder
    store = Store.read_only(str(folder / "store"))
    language = settings.message_language
    try:
        place = find_place(Facts(store, language), code, names_of(folder))
    except Refused as refused:
        raise refused.failure.error(where="CODE") from None
    answer = _answer(store, code.strip(), place, language)
    keys = [one.iri.rpartition("/")[2] for one in place.today]
    if len(keys) == 1 and (key := keys[0]).startswith("commune-"):
        found = communes_alike(folder, key, language)
        answer["commune"] = _of_commune(Facts(store, language), found) if found else None
    if as_json:
        print_json(answer)
    else:
        sys.stdout.write("\n".join(_told(answer, language)) + "\n")


def _answer(store: Store, code: str, place: Place, language: Language) -> dict[str, Any]:
    """What the release says of the grouping of a code. Raises UsageError where it says nothing."""
    territory, name = place.epci.iri, place.epci.label
    about = f"?one clir:ofTerritory <{territory}>"
    said = f'FILTER(LANG(?text) = "{language}")'
    situations = [
        {
            "situation": row["situation"],
            "label": row["label"],
            "answer": row["answer"].rpartition("/")[2],
            "near_threshold": row["near"] == "true",
            "why": row["text"],
            "rule": row["rule"],
            "version": row["version"],
        }
        for row in _rows(
            store,
            f"""SELECT ?situation ?label ?answer ?near ?text ?rule ?version {{
            {about} ; clir:situation ?situation ; clir:answer ?answer ; clir:nearThreshold ?near ; clir:byRule ?rule ;
              dct:description ?text . ?rule dcat:version ?version . ?situation skos:prefLabel ?label .
            {said} FILTER(LANG(?label) = "{language}") }} ORDER BY DESC(?answer) ?situation""",
        )
    ]
    comparison = next(
        _rows(
            store,
            f"""SELECT ?one ?rule ?version ?missing ?weights ?without ?text {{
            {about} ; a clir:Comparison ; clir:byRule ?rule ; clir:missingShare ?missing . ?rule dcat:version ?version .
            OPTIONAL {{ ?one clir:stableUnderWeights ?weights ; clir:stableWithoutGroup ?without }}
            OPTIONAL {{ ?one dct:description ?text {said} }} }}""",
        ),
        None,
    )
    if comparison is None:
        raise UsageError(
            f"nothing is said of {code}",
            where=name,
            do="run “clirld run statistics comparisons”, which say what groupings of communes are like",
        )
    neighbours = [
        {
            "rank": int(row["rank"]),
            "territory": row["other"],
            "code": row["code"],
            "name": row["name"],
            "distance": float(row["distance"]),
            "differs_most": row["differs"],
            "in_what": row["text"],
        }
        for row in _rows(
            store,
            f"""SELECT ?rank ?other ?code ?name ?distance ?differs ?text {{
            ?n clir:inComparison <{comparison["one"]}> ; clir:rank ?rank ; clir:comparedTerritory ?other ;
              clir:distance ?distance ; clir:differsMostIn/skos:prefLabel ?differs ; dct:description ?text .
            ?other rdfs:label ?name ; dct:identifier ?code . {said} FILTER(LANG(?differs) = "{language}")
            }} ORDER BY ?rank""",
        )
    ]
    shares = {"missing_share": "missing", "stable_under_weights": "weights", "stable_without_group": "without"}
    return {
        "asked": code,
        "asked_name": place.asked.label,
        "today": [asdict(one) for one in place.today],
        "other_groupings": [asdict(one) for one in place.others],
        "territory": territory,
        "code": territory.rpartition("-")[2],
        "name": name,
        "situations": situations,
        "comparison": {
            "rule": comparison["rule"],
            "version": comparison["version"],
            "doubt": comparison.get("text"),
            "neighbours": neighbours,
            **{key: float(comparison[name]) for key, name in shares.items() if name in comparison},
        },
        "limits": _WORDS[language]["limits"],
    }


def _of_commune(facts: Facts, found: CommunesAlike) -> dict[str, Any]:
    """What is said of a commune itself, with the names of those that are like it."""
    told = asdict(found)
    for one in told["neighbours"]:
        key = one.pop("key")
        one |= {"territory": TERRITORY + key, "code": key.removeprefix("commune-")}
        one["name"] = facts.named(one["territory"]).label
    return told


def _rows(store: Store, query: str) -> Iterator[dict[str, str]]:
    """The rows of a query, as texts by variable."""
    names = re.findall(r"\?(\w+)", query.partition("{")[0])
    for solution in select(store, _PREFIXES + query):
        yield {name: solution[name].value for name in names if solution[name] is not None}


def _told(answer: Mapping[str, Any], language: Language) -> Iterator[str]:
    words = _WORDS[language]
    comparison, commune = answer["comparison"], answer.get("commune")
    title = f"{answer['name']} ({answer['code']})"
    today = ", ".join(one["label"] for one in answer["today"])
    if answer["territory"] not in [one["iri"] for one in answer["today"]]:
        of = words["of" if len(answer["today"]) == 1 else "of_several"]
        title = of.format(answer["name"], answer["code"], today)
    yield title
    if answer["asked_name"] != today:
        yield words["today"].format(answer["asked_name"], today)
    if answer["other_groupings"]:
        yield words["others"].format(", ".join(one["label"] for one in answer["other_groupings"]))
    yield ""
    yield words["situations"]
    for one in answer["situations"]:
        yield f"  {one['label']} ({words['rule'].format(one['version'])}){words['colon']}{one['why']}"
    if not answer["situations"]:
        yield f"  {words['none']}"
    yield ""
    yield words["neighbours"]
    if comparison["doubt"]:
        yield f"  {comparison['doubt']}"
    for one in comparison["neighbours"]:
        likeness = words["differs"].format(f"{one['distance']:.2f}".replace(".", words["point"]), one["differs_most"])
        yield f"  {one['rank']:>2}. {one['name']} ({one['code']}), {likeness}"
        yield f"      {one['in_what']}"
    if "stable_without_group" in comparison:
        keys = ("stable_under_weights", "stable_without_group", "missing_share")
        yield f"  {words['worth'].format(*(round(100 * comparison[key]) for key in keys))}"
    if commune:
        yield ""
        yield from _told_of_commune(commune, words, language)
    yield ""
    yield words["limits"]


def _told_of_commune(commune: Mapping[str, Any], words: Mapping[str, str], language: Language) -> Iterator[str]:
    bounds = [grouped(one, language) for one in (commune["least"], commune["most"]) if one >= 0]
    size = words["to" if len(bounds) > 1 else "from"].format(*bounds) if bounds else ""
    count, several = grouped(commune["compared_with"] + 1, language), commune["neighbours"]
    yield words["communes"].format(count, size) if several else words["no-communes"]
    if commune["doubt"]:
        yield f"  {commune['doubt']}"
    for one in several:
        distance = f"{one['distance']:.2f}".replace(".", words["point"])
        likeness = words["differs"].format(distance, one["differs_most"])
        yield f"  {one['rank']:>2}. {one['name']} ({one['code']}), {likeness}"
        yield f"      {one['in_what']}"
    if commune["stable_without"] is not None:
        shares = (commune["stable_weights"], commune["stable_without"], commune["missing_share"])
        yield f"  {words['worth'].format(*(round(100 * one) for one in shares))}"
