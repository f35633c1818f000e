"""A capitalised case: what a practitioner fills in, as typed models.

The names in the form are French and plain; the names here are those of the canonical tables' columns. What
the text of a field has to be stands beside it (`Is`): the reader, the form, the spreadsheet and the JSON
Schema are all made from it. No field can hold a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.fields import FieldInfo


@dataclass(frozen=True, slots=True)
class Is:
    """What the text of a field has to be.

    `type` is a cleaner's name (`clirld.values.cleaners`), or one of: concept (of the scheme `of`), territory, moment
    (a year, a month or a day), yes (oui, non), reference (to an item of the list `of` of the same case, or, where
    `of` is `others`, to another case).
    """

    type: str = "text"
    of: str = ""


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Several = Annotated[list[str], BeforeValidator(_several)]


def field(name: str, *, needed: bool = False, several: bool = False, help: str = "") -> Any:
    """A field of the form, by its French name; `needed` ones only cannot be left out."""
    if needed:
        return Field(alias=name, description=help)
    return Field(alias=name, description=help, default_factory=list if several else lambda: None)


class Part(BaseModel):
    """A part of the form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def fields(cls) -> Iterator[tuple[str, str, FieldInfo, Is | None]]:
        """Column, French name, description and meaning of each field, in the order of the form."""
        lists = {column: item_type(info) is not None for column, info in cls.model_fields.items()}
        # What every fact has is inherited, so it comes first there; who says it is asked last.
        order = sorted(lists, key=lambda column: (lists[column], column in Said.model_fields, column != "id"))
        for column in order:
            info = cls.model_fields[column]
            yield column, info.alias or column, info, next((m for m in info.metadata if isinstance(m, Is)), None)

    @classmethod
    def many(cls, column: str) -> bool:
        """Whether a field has several values."""
        return cls.model_fields[column].annotation == list[str]


class Document(Part):
    """A public document that facts are cited from."""

    id: str = field("id", needed=True, help="nom court, que « selon » reprend")
    title: str = field("titre", needed=True)
    publisher: str | None = field("éditeur", help="organisme qui publie, jamais une personne")
    date: Annotated[str | None, Is("moment")] = field("date", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    url: Annotated[str, Is("url")] = field("url", needed=True, help="adresse publique du document")


class Said(Part):
    """An entity of `table`, according to a document. `cited`: the table has page and citation."""

    table: ClassVar[str]
    cited: ClassVar[bool] = True

    according_to: str = field("selon", needed=True, help="id du document qui le dit")
    page: str | None = field("page", help="page ou section du document")


class Fact(Said):
    """One fact of a case.

    Its identifier is <case>-<kind>-<id>; where the author gives no id, it is made of the values of `identity`.
    `to` is the column that refers to the case's initiative.
    """

    kind_of: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    to: ClassVar[str] = ""

    id: str | None = field("id", help="nom court et stable, en minuscules")


class Programme(Fact):
    """A call, label or scheme; its id is shared by all cases and sources that name it."""

    table, kind_of, identity, cited = "programme", "programme", ("name",), False

    name: Annotated[str, Is("name")] = field("nom", needed=True)
    description: str | None = field("description")
    start_year: Annotated[str | None, Is("moment")] = field("début", help="année de lancement")
    site: Annotated[str | None, Is("url")] = field("site", help="page officielle")


class OtherInitiative(Fact):
    """Another initiative that this case speaks of, and that has no case of its own."""

    table, kind_of, identity, cited = "initiative", "initiative", ("name",), False

    name: Annotated[str, Is("name")] = field("nom", needed=True)
    kind: Annotated[Several, Is("concept", "initiative-kind")] = field("genre", needed=True)
    commune: Annotated[str | None, Is("insee_commune")] = field("commune", help="code INSEE du siège")
    acts_in: Annotated[Several, Is("territory")] = field("lieu", several=True, help="territoires d'action")
    start_year: Annotated[str | None, Is("moment")] = field("début")
    inspired_by: Annotated[Several, Is("reference", "others")] = field("inspirée de", several=True)
    homepage: Annotated[str | None, Is("url")] = field("site")


class Actor(Fact):
    """An organization that acts in the case; never a person."""

    table, kind_of, identity, cited = "organization", "actor", ("name",), False

    name: Annotated[str, Is("name")] = field("nom", needed=True)
    alternative_name: Annotated[Several, Is("name")] = field("autres noms", several=True)
    siren: Annotated[str | None, Is("siren")] = field("siren", help="neuf chiffres, si un document le donne")
    rna: Annotated[str | None, Is("rna")] = field("rna", help="numéro d'association")
    legal_form: Annotated[str | None, Is("concept", "legal-form")] = field("forme juridique")
    category: Annotated[str | None, Is("concept", "actor-category")] = field("catégorie")
    public: Annotated[str | None, Is("yes")] = field("public", help="oui pour un acteur public")
    jurisdiction: Annotated[str | None, Is("territory")] = field("compétence", help="territoire d'un acteur public")
    commune: Annotated[str | None, Is("insee_commune")] = field("commune", help="code INSEE du siège")
    homepage: Annotated[str | None, Is("url")] = field("site")


class Role(Fact):
    """Who holds which role, as the document says that they acted."""

    table, kind_of, to = "participation", "role", "initiative"
    identity = ("member", "role", "public_role", "start_year")

    member: Annotated[str, Is("reference", "actors")] = field("acteur", needed=True, help="id d'un acteur")
    role: Annotated[str | None, Is("concept", "participation-role")] = field("rôle")
    public_role: Annotated[str | None, Is("concept", "public-actor-role")] = field(
        "rôle public", help="seulement pour un acteur public, et seulement si le document dit qu'il a agi ainsi"
    )
    description: str | None = field("fait", help="ce que l'acteur a fait, en une phrase")
    start_year: Annotated[str | None, Is("moment")] = field("début")
    end_year: Annotated[str | None, Is("moment")] = field("fin")


class Process(Fact):
    """A way of cooperating that another territory could take up."""

    table, kind_of, identity, to = "process", "process", ("name",), "capitalised_from"

    name: Annotated[str, Is("name")] = field("nom", needed=True)
    name_en: Annotated[str | None, Is("name")] = field("nom anglais")
    description: str | None = field("description")


class Step(Fact):
    """A part of a process; without a rank, they are ranked as they are written."""

    table, kind_of, identity = "process_step", "step", ("process", "name")

    process: Annotated[str | None, Is("reference", "processes")] = field("processus", help="id ; inutile s'il est seul")
    order: Annotated[str | None, Is("integer")] = field("rang")
    name: Annotated[str, Is("name")] = field("nom", needed=True)
    name_en: Annotated[str | None, Is("name")] = field("nom anglais")
    description: str | None = field("description")
    phase: Annotated[str | None, Is("concept", "phase")] = field("phase")
    expects_role: Annotated[Several, Is("concept", "participation-role")] = field("rôles attendus", several=True)
    expects_public_role: Annotated[Several, Is("concept", "public-actor-role")] = field(
        "rôles publics attendus", several=True
    )
    needs_resource: Annotated[Several, Is("concept", "shared-resource-kind")] = field(
        "moyens nécessaires", several=True
    )
    preceded_by: Annotated[str | None, Is("reference", "steps")] = field("après", help="id de l'étape précédente")


class Activity(Fact):
    """What was really done, and when."""

    table, kind_of, identity, to = "activity", "activity", ("name",), "initiative"

    name: Annotated[str, Is("name")] = field("nom", needed=True)
    description: str | None = field("description")
    phase: Annotated[str | None, Is("concept", "phase")] = field("phase")
    follows_step: Annotated[Several, Is("reference", "steps")] = field(
        "étapes", several=True, help="id des étapes suivies"
    )
    start_year: Annotated[str | None, Is("moment")] = field("début", help="AAAA, AAAA-MM ou AAAA-MM-JJ")
    end_year: Annotated[str | None, Is("moment")] = field("fin")


class Obstacle(Fact):
    """A difficulty, and what lifted it."""

    table, kind_of, identity, to = "obstacle", "obstacle", ("kind",), "initiative"

    kind: Annotated[Several, Is("concept", "obstacle-kind")] = field("genre", needed=True)
    description: str = field("description", needed=True)
    overcome_how: str | None = field("levier", help="comment il a été levé")
    overcome_by: Annotated[str | None, Is("reference", "activities")] = field("levé par", help="id d'une séquence")


class Resource(Fact):
    """Means put in common."""

    table, kind_of, identity, to = "shared_resource", "resource", ("kind",), "initiative"

    kind: Annotated[str, Is("concept", "shared-resource-kind")] = field("genre", needed=True)
    description: str | None = field("description")
    provided_by: Annotated[Several, Is("reference", "actors")] = field("apporté par", several=True, help="id d'acteurs")


class Lesson(Fact):
    """What was learnt and can serve elsewhere."""

    table, kind_of, identity, to = "lesson", "lesson", ("name",), "about"

    name: Annotated[str, Is("name")] = field("énoncé", needed=True)
    name_en: Annotated[str | None, Is("name")] = field("énoncé anglais")
    about_process: Annotated[Several, Is("reference", "processes")] = field("processus", several=True)
    on_obstacle: Annotated[Several, Is("concept", "obstacle-kind")] = field("sur l'obstacle", several=True)
    on_phase: Annotated[Several, Is("concept", "phase")] = field("sur la phase", several=True)
    in_situation: Annotated[Several, Is("concept", "territory-situation")] = field("situation", several=True)
    dimension: Annotated[Several, Is("concept", "innovation-dimension")] = field("dimension", several=True)


class Scaling(Fact):
    """How the initiative, or its process, extended its impact."""

    table, kind_of, identity, to = "scaling_operation", "scaling", ("strategy", "start_year"), "from_initiative"

    name: Annotated[str | None, Is("name")] = field("nom")
    description: str | None = field("description")
    strategy: Annotated[str, Is("concept", "scaling-strategy")] = field("stratégie", needed=True)
    from_initiative: Annotated[str | None, Is("reference", "others")] = field("depuis", help="si ce n'est pas ce cas")
    to_initiative: Annotated[str | None, Is("reference", "others")] = field(
        "vers", help="autre initiative, ou autre cas"
    )
    to_territory: Annotated[Several, Is("territory")] = field("territoires", several=True, help="territoires atteints")
    transfers_process: Annotated[str | None, Is("reference", "processes")] = field("processus")
    start_year: Annotated[str | None, Is("moment")] = field("année")


class Grant(Fact):
    """Who funded it, in which way."""

    table, kind_of, identity, to = "grant", "grant", ("funder", "kind", "start_year"), "initiative"

    funder: Annotated[str, Is("reference", "actors")] = field("financeur", needed=True, help="id d'un acteur")
    kind: Annotated[str, Is("concept", "funding-kind")] = field("genre", needed=True)
    programme: Annotated[str | None, Is("reference", "programmes")] = field("dispositif", help="id d'un dispositif")
    amount: Annotated[str | None, Is("decimal")] = field("montant", help="en euros")
    start_year: Annotated[str | None, Is("moment")] = field("année")


class Observation(Fact):
    """The value of an indicator."""

    table, kind_of, identity, to = "observation", "indicator", ("indicator", "year"), "initiative"

    indicator: Annotated[str, Is("concept", "indicator")] = field("indicateur", needed=True)
    value: Annotated[str, Is("decimal")] = field("valeur", needed=True)
    year: Annotated[str | None, Is("moment")] = field("année")


class Recognition(Fact):
    """A label or a call that distinguished the initiative, or one of its actors."""

    table, kind_of, identity, to = "recognition", "recognition", ("recognition", "year"), "initiative"
    cited = False

    recognition: Annotated[str, Is("concept", "recognition")] = field("reconnaissance", needed=True)
    organization: Annotated[str | None, Is("reference", "actors")] = field("acteur", help="si c'est lui qui la reçoit")
    programme: Annotated[str | None, Is("reference", "programmes")] = field("dispositif", help="id d'un dispositif")
    year: Annotated[str | None, Is("moment")] = field("année")


class Case(Said):
    """A whole case. Its own fields are about the initiative."""

    table, cited = "initiative", False

    name: Annotated[str, Is("name")] = field("titre", needed=True)
    alternative_name: Annotated[Several, Is("name")] = field("autres noms", several=True)
    kind: Annotated[Several, Is("concept", "initiative-kind")] = field("genre", needed=True)
    commune: Annotated[str | None, Is("insee_commune")] = field("commune", help="code INSEE du siège : 39300")
    acts_in: Annotated[Several, Is("territory")] = field(
        "lieu", several=True, help="territoires d'action : commune 39300, epci 200071116, département 39, région 27"
    )
    domain: Annotated[Several, Is("concept", "activity-domain")] = field("domaines", several=True)
    status: Annotated[str | None, Is("concept", "status")] = field("état")
    phase: Annotated[str | None, Is("concept", "phase")] = field("phase", help="seulement si un document la dit")
    cooperation_form: Annotated[Several, Is("concept", "cooperation-form")] = field(
        "formes de coopération", several=True
    )
    start_year: Annotated[str | None, Is("moment")] = field("début")
    end_year: Annotated[str | None, Is("moment")] = field("fin")
    inspired_by: Annotated[Several, Is("reference", "others")] = field("inspirée de", several=True)
    homepage: Annotated[Several, Is("url")] = field("site", several=True)
    description: str | None = field("résumé", help="dans un fichier .md, c'est le texte sous la fiche")

    documents: list[Document] = field("documents", needed=True)
    programmes: list[Programme] = field("dispositifs", several=True)
    others: list[OtherInitiative] = field("autres initiatives", several=True)
    actors: list[Actor] = field("acteurs", several=True)
    roles: list[Role] = field("rôles", several=True)
    processes: list[Process] = field("processus", several=True)
    steps: list[Step] = field("étapes", several=True)
    activities: list[Activity] = field("séquences", several=True)
    obstacles: list[Obstacle] = field("obstacles", several=True)
    resources: list[Resource] = field("moyens", several=True)
    lessons: list[Lesson] = field("enseignements", several=True)
    scalings: list[Scaling] = field("changements d'échelle", several=True)
    grants: list[Grant] = field("financements", several=True)
    observations: list[Observation] = field("indicateurs", several=True)
    recognitions: list[Recognition] = field("reconnaissances", several=True)


def item_type(info: FieldInfo) -> type[Part] | None:
    """The model of the items of a list of the form; None for a field that holds text."""
    inner = next(iter(get_args(info.annotation)), None)
    return inner if isinstance(inner, type) and issubclass(inner, Part) else None


LISTS: dict[str, tuple[str, type[Part]]] = {
    column: (name, model) for column, name, info, _is in Case.fields() if (model := item_type(info))
}
"""The lists of a case: attribute → French name and model of its items."""
