"""A capitalised case: what a practitioner fills in, as typed models.

The names in the form are French and plain; the names here are those of the canonical tables' columns. What
the text of a field has to be stands beside it (`Type`): the reader, the form, the spreadsheet and the JSON
Schema are all made from it. No field can hold a person.
"""

from __future__ import annotations

from typing import Annotated

from clirld.cases.field_types import CitedEntity, Fact, Part, TextList, Type, field, item_type
from clirld.cases.reuse import Adaptation, Condition, Lesson, Need, Obstacle, Outcome, Scaling


class Document(Part):
    """A public document that facts are cited from."""

    id: str = field("id", required=True, help="nom court, que « selon » reprend")
    title: str = field("titre", required=True)
    publisher: str | None = field("éditeur", help="organisme qui publie, jamais une personne")
    date: Annotated[str | None, Type("moment")] = field("date", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    url: Annotated[str, Type("url")] = field("url", required=True, help="adresse publique du document")


class Programme(Fact):
    """A call, label or scheme; its id is shared by all cases and sources that name it."""

    table, kind_name, identity, cited = "programme", "programme", ("name",), False

    name: Annotated[str, Type("name")] = field("nom", required=True)
    description: str | None = field("description")
    start_year: Annotated[str | None, Type("moment")] = field("début", help="année de lancement")
    site: Annotated[str | None, Type("url")] = field("site", help="page officielle")


class OtherInitiative(Fact):
    """Another initiative that this case speaks of, and that has no case of its own."""

    table, kind_name, identity, cited = "initiative", "initiative", ("name",), False

    name: Annotated[str, Type("name")] = field("nom", required=True)
    kind: Annotated[TextList, Type("concept", "initiative-kind")] = field("genre", required=True)
    commune: Annotated[str | None, Type("insee_commune")] = field("commune", help="code INSEE du siège")
    acts_in: Annotated[TextList, Type("territory")] = field("lieu", is_list=True, help="territoires d'action")
    start_year: Annotated[str | None, Type("moment")] = field("début")
    inspired_by: Annotated[TextList, Type("reference", "others")] = field("inspirée de", is_list=True)
    homepage: Annotated[str | None, Type("url")] = field("site")


class Actor(Fact):
    """An organization that acts in the case; never a person."""

    table, kind_name, identity, cited = "organization", "actor", ("name",), False

    name: Annotated[str, Type("name")] = field("nom", required=True)
    alternative_name: Annotated[TextList, Type("name")] = field("autres noms", is_list=True)
    siren: Annotated[str | None, Type("siren")] = field("siren", help="neuf chiffres, si un document le donne")
    rna: Annotated[str | None, Type("rna")] = field("rna", help="numéro d'association")
    legal_form: Annotated[str | None, Type("concept", "legal-form")] = field("forme juridique")
    category: Annotated[str | None, Type("concept", "actor-category")] = field("catégorie")
    public: Annotated[str | None, Type("yes")] = field("public", help="oui pour un acteur public")
    jurisdiction: Annotated[str | None, Type("territory")] = field("compétence", help="territoire d'un acteur public")
    commune: Annotated[str | None, Type("insee_commune")] = field("commune", help="code INSEE du siège")
    homepage: Annotated[str | None, Type("url")] = field("site")


class Role(Fact):
    """Who holds which role, as the document says that they acted."""

    table, kind_name, to = "participation", "role", "initiative"
    identity = ("member", "role", "public_role", "start_year")

    member: Annotated[str, Type("reference", "actors")] = field("acteur", required=True, help="id d'un acteur")
    role: Annotated[str | None, Type("concept", "participation-role")] = field("rôle")
    public_role: Annotated[str | None, Type("concept", "public-actor-role")] = field(
        "rôle public", help="seulement pour un acteur public, et seulement si le document dit qu'il a agi ainsi"
    )
    instrument: Annotated[TextList, Type("concept", "support-instrument")] = field(
        "instrument", is_list=True, help="par quoi un acteur public tient ce rôle"
    )
    description: str | None = field("fait", help="ce que l'acteur a fait, en une phrase")
    start_year: Annotated[str | None, Type("moment")] = field("début", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    end_year: Annotated[str | None, Type("moment")] = field("fin")
    changed_from: Annotated[str | None, Type("reference", "roles")] = field(
        "fait suite à", help="id du rôle que l'acteur tenait avant, s'il en a changé"
    )
    change_reason: str | None = field("motif", help="pourquoi il en a changé, si le document le dit")


class Process(Fact):
    """A way of cooperating that another territory could take up."""

    table, kind_name, identity, to = "process", "process", ("name",), "capitalised_from"

    name: Annotated[str, Type("name")] = field("nom", required=True)
    name_en: Annotated[str | None, Type("name")] = field("nom anglais")
    description: str | None = field("description")
    practice_field: Annotated[TextList, Type("concept", "practice-field")] = field("champ de pratique", is_list=True)
    resources_needed: str | None = field("moyens à réunir", help="argent, personnes, lieux qu'il a demandés")
    transfer_potential: str | None = field("potentiel de transfert", help="ce qui le rend facile ou non à reprendre")


class Step(Fact):
    """A part of a process; without a rank, they are ranked as they are written."""

    table, kind_name, identity = "process_step", "step", ("process", "name")

    process: Annotated[str | None, Type("reference", "processes")] = field(
        "processus", help="id ; inutile s'il est seul"
    )
    order: Annotated[str | None, Type("integer")] = field("rang")
    name: Annotated[str, Type("name")] = field("nom", required=True)
    name_en: Annotated[str | None, Type("name")] = field("nom anglais")
    description: str | None = field("description")
    phase: Annotated[str | None, Type("concept", "phase")] = field("phase")
    expects_role: Annotated[TextList, Type("concept", "participation-role")] = field("rôles attendus", is_list=True)
    expects_public_role: Annotated[TextList, Type("concept", "public-actor-role")] = field(
        "rôles publics attendus", is_list=True
    )
    needs_resource: Annotated[TextList, Type("concept", "shared-resource-kind")] = field(
        "moyens nécessaires", is_list=True
    )
    inputs: TextList = field("reçoit", is_list=True, help="ce qu'il faut avoir pour la commencer")
    outputs: TextList = field("donne", is_list=True, help="ce qui en sort")
    preceded_by: Annotated[TextList, Type("reference", "steps")] = field(
        "après", is_list=True, help="id des étapes qui la précèdent, si le document dit l'ordre"
    )
    branch_condition: str | None = field("dans quel cas", help="si elle n'est prise que dans certains cas")


class Activity(Fact):
    """What was really done, and when."""

    table, kind_name, identity, to = "activity", "activity", ("name",), "initiative"

    name: Annotated[str, Type("name")] = field("nom", required=True)
    description: str | None = field("description")
    phase: Annotated[str | None, Type("concept", "phase")] = field("phase")
    follows_step: Annotated[TextList, Type("reference", "steps")] = field(
        "étapes", is_list=True, help="id des étapes suivies"
    )
    start_year: Annotated[str | None, Type("moment")] = field("début", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    end_year: Annotated[str | None, Type("moment")] = field("fin")


class Resource(Fact):
    """Means put in common."""

    table, kind_name, identity, to = "shared_resource", "resource", ("kind",), "initiative"

    kind: Annotated[str, Type("concept", "shared-resource-kind")] = field("genre", required=True)
    description: str | None = field("description")
    provided_by: Annotated[TextList, Type("reference", "actors")] = field(
        "apporté par", is_list=True, help="id d'acteurs"
    )


class Grant(Fact):
    """Who funded it, in which way."""

    table, kind_name, identity, to = "grant", "grant", ("funder", "kind", "start_year"), "initiative"

    funder: Annotated[str, Type("reference", "actors")] = field("financeur", required=True, help="id d'un acteur")
    kind: Annotated[str, Type("concept", "funding-kind")] = field("genre", required=True)
    programme: Annotated[str | None, Type("reference", "programmes")] = field("dispositif", help="id d'un dispositif")
    amount: Annotated[str | None, Type("decimal")] = field("montant", help="en euros")
    start_year: Annotated[str | None, Type("moment")] = field("année")


class Observation(Fact):
    """The value of an indicator."""

    table, kind_name, identity, to = "observation", "indicator", ("indicator", "year"), "initiative"

    indicator: Annotated[str, Type("concept", "indicator")] = field("indicateur", required=True)
    value: Annotated[str, Type("decimal")] = field("valeur", required=True)
    year: Annotated[str | None, Type("moment")] = field("année")


class Recognition(Fact):
    """A label or a call that distinguished the initiative, or one of its actors."""

    table, kind_name, identity, to = "recognition", "recognition", ("recognition", "year"), "initiative"
    cited = False

    recognition: Annotated[str, Type("concept", "recognition")] = field("reconnaissance", required=True)
    organization: Annotated[str | None, Type("reference", "actors")] = field(
        "acteur", help="si c'est lui qui la reçoit"
    )
    programme: Annotated[str | None, Type("reference", "programmes")] = field("dispositif", help="id d'un dispositif")
    year: Annotated[str | None, Type("moment")] = field("année")


class Case(CitedEntity):
    """A whole case. Its own fields are about the initiative."""

    table, cited = "initiative", False

    name: Annotated[str, Type("name")] = field("titre", required=True)
    alternative_name: Annotated[TextList, Type("name")] = field("autres noms", is_list=True)
    kind: Annotated[TextList, Type("concept", "initiative-kind")] = field("genre", required=True)
    commune: Annotated[str | None, Type("insee_commune")] = field("commune", help="code INSEE du siège : 39300")
    acts_in: Annotated[TextList, Type("territory")] = field(
        "lieu", is_list=True, help="territoires d'action : commune 39300, epci 200071116, département 39, région 27"
    )
    domain: Annotated[TextList, Type("concept", "activity-domain")] = field("domaines", is_list=True)
    practice_field: Annotated[TextList, Type("concept", "practice-field")] = field(
        "champ de pratique", is_list=True, help="ce qui y est fait, plus précis que le domaine"
    )
    status: Annotated[str | None, Type("concept", "status")] = field("état")
    phase: Annotated[str | None, Type("concept", "phase")] = field("phase", help="seulement si un document la dit")
    cooperation_form: Annotated[TextList, Type("concept", "cooperation-form")] = field(
        "formes de coopération", is_list=True
    )
    governance_form: Annotated[str | None, Type("concept", "governance-form")] = field("gouvernance")
    decision_rule: Annotated[str | None, Type("concept", "decision-rule")] = field("règle de décision")
    start_year: Annotated[str | None, Type("moment")] = field("début")
    end_year: Annotated[str | None, Type("moment")] = field("fin")
    inspired_by: Annotated[TextList, Type("reference", "others")] = field("inspirée de", is_list=True)
    homepage: Annotated[TextList, Type("url")] = field("site", is_list=True)
    description: str | None = field("résumé", help="dans un fichier .md, c'est le texte sous la fiche")

    documents: list[Document] = field("documents", required=True)
    programmes: list[Programme] = field("dispositifs", is_list=True)
    others: list[OtherInitiative] = field("autres initiatives", is_list=True)
    needs: list[Need] = field("besoins", is_list=True)
    actors: list[Actor] = field("acteurs", is_list=True)
    roles: list[Role] = field("rôles", is_list=True)
    processes: list[Process] = field("processus", is_list=True)
    steps: list[Step] = field("étapes", is_list=True)
    conditions: list[Condition] = field("conditions", is_list=True)
    activities: list[Activity] = field("séquences", is_list=True)
    obstacles: list[Obstacle] = field("obstacles", is_list=True)
    outcomes: list[Outcome] = field("résultats", is_list=True)
    resources: list[Resource] = field("moyens", is_list=True)
    lessons: list[Lesson] = field("enseignements", is_list=True)
    scalings: list[Scaling] = field("changements d'échelle", is_list=True)
    adaptations: list[Adaptation] = field("adaptations", is_list=True)
    grants: list[Grant] = field("financements", is_list=True)
    observations: list[Observation] = field("indicateurs", is_list=True)
    recognitions: list[Recognition] = field("reconnaissances", is_list=True)


LISTS: dict[str, tuple[str, type[Part]]] = {
    column: (name, model) for column, name, info, _type in Case.fields() if (model := item_type(info))
}
"""The lists of a case: attribute → French name and model of its items."""
