"""What another territory asks of a case: needs, obstacles, outcomes, lessons, and what taking it up elsewhere took."""

from __future__ import annotations

from typing import Annotated

from clirld.cases.field_types import Fact, TextList, Type, field


class Need(Fact):
    """What the territory lacked, whatever was done about it."""

    table, kind_name, identity, to = "need", "need", ("kind",), "initiative"

    kind: Annotated[TextList, Type("concept", "need")] = field("genre", required=True)
    description: str | None = field("description", help="ce qui manquait, comme le document le dit")
    territory: Annotated[TextList, Type("territory")] = field("lieu", is_list=True, help="territoires où cela manquait")


class Obstacle(Fact):
    """A difficulty, and what lifted it."""

    table, kind_name, identity, to = "obstacle", "obstacle", ("kind",), "initiative"

    kind: Annotated[TextList, Type("concept", "obstacle-kind")] = field("genre", required=True)
    description: str = field("description", required=True)
    at_step: Annotated[TextList, Type("reference", "steps")] = field(
        "étapes", is_list=True, help="id des étapes où elle s'est présentée"
    )
    overcome_how: str | None = field("levier", help="comment il a été levé")
    overcome_by: Annotated[str | None, Type("reference", "activities")] = field("levé par", help="id d'une séquence")


class Outcome(Fact):
    """What was obtained, and how it is known."""

    table, kind_name, identity, to = "outcome", "outcome", ("description", "year"), "initiative"

    description: str = field("description", required=True)
    assessment: Annotated[str | None, Type("concept", "outcome-assessment")] = field(
        "appréciation", help="si le document juge ; « a marché » demande un chiffre comparé au moins"
    )
    evidence: Annotated[str, Type("concept", "evidence-level")] = field("preuve", required=True)
    said_by: Annotated[str, Type("concept", "said-by")] = field("dit par", required=True)
    indicator: Annotated[str | None, Type("concept", "indicator")] = field("indicateur")
    value: Annotated[str | None, Type("decimal")] = field("valeur")
    year: Annotated[str | None, Type("moment")] = field("année")
    baseline: Annotated[str | None, Type("decimal")] = field("valeur de départ")
    baseline_year: Annotated[str | None, Type("moment")] = field("année de départ")
    target: Annotated[str | None, Type("decimal")] = field("valeur visée")


class Lesson(Fact):
    """What was learnt and can serve elsewhere."""

    table, kind_name, identity, to = "lesson", "lesson", ("name",), "about"

    name: Annotated[str, Type("name")] = field("énoncé", required=True)
    name_en: Annotated[str | None, Type("name")] = field("énoncé anglais")
    about_process: Annotated[TextList, Type("reference", "processes")] = field("processus", is_list=True)
    on_obstacle: Annotated[TextList, Type("concept", "obstacle-kind")] = field("sur l'obstacle", is_list=True)
    on_phase: Annotated[TextList, Type("concept", "phase")] = field("sur la phase", is_list=True)
    in_situation: Annotated[TextList, Type("concept", "territory-situation")] = field("situation", is_list=True)
    dimension: Annotated[TextList, Type("concept", "innovation-dimension")] = field("dimension", is_list=True)


class Condition(Fact):
    """What a process needs around it, without which the document says that it does not work."""

    table, kind_name, identity = "condition", "condition", ("process", "kind")

    process: Annotated[str | None, Type("reference", "processes")] = field(
        "processus", help="id ; inutile s'il est seul"
    )
    kind: Annotated[TextList, Type("concept", "condition-kind")] = field("genre", required=True)
    description: str = field("description", required=True)


class Scaling(Fact):
    """How the initiative, or its process, extended its impact."""

    table, kind_name, identity, to = "scaling_operation", "scaling", ("strategy", "start_year"), "from_initiative"

    name: Annotated[str | None, Type("name")] = field("nom")
    description: str | None = field("description")
    strategy: Annotated[str, Type("concept", "scaling-strategy")] = field("stratégie", required=True)
    from_initiative: Annotated[str | None, Type("reference", "others")] = field("depuis", help="si ce n'est pas ce cas")
    to_initiative: Annotated[str | None, Type("reference", "others")] = field(
        "vers", help="autre initiative, ou autre cas"
    )
    to_territory: Annotated[TextList, Type("territory")] = field(
        "territoires", is_list=True, help="territoires atteints"
    )
    transfers_process: Annotated[str | None, Type("reference", "processes")] = field("processus")
    start_year: Annotated[str | None, Type("moment")] = field("année")


class Adaptation(Fact):
    """What was kept, changed, dropped or added when a process was taken up elsewhere."""

    table, kind_name, identity = "adaptation", "adaptation", ("scaling", "kind", "step")

    scaling: Annotated[str | None, Type("reference", "scalings")] = field(
        "changement d'échelle", help="id ; inutile s'il est seul"
    )
    kind: Annotated[str, Type("concept", "adaptation-kind")] = field("genre", required=True)
    step: Annotated[TextList, Type("reference", "steps")] = field(
        "étapes", is_list=True, help="id des étapes concernées"
    )
    description: str = field("description", required=True)
    change_reason: str | None = field("motif", help="pourquoi, si le document le dit")
