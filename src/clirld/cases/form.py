"""What is made from the models of a case: the commented form that a practitioner starts from, and the JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from clirld.cases.field_types import Part, Type, item_type
from clirld.cases.model import LISTS, Case
from clirld.cases.values import Values

_WIDTH = 116
_MAX_LISTED = 40

_HEADER = """\
---
# Fiche d'un cas capitalisé : ce que des documents publics disent d'une coopération, sans en juger.
#   - Remplir ce qui est documenté, laisser le reste vide ; les champs marqués (*) sont toujours à remplir.
#   - Chaque fait dit d'où il vient : « selon » reprend l'id d'un document, « page » dit où dans le document.
#   - Une valeur s'écrit par son libellé français ou par son identifiant.
#   - Aucune personne : seulement des organismes et des fonctions.
#   - Pour ajouter un fait, recopier ses lignes à partir du « - ». Vérifier : clirld case check {slug}
"""

_FOOTER = """\
---

"""

_TITLES = {
    "documents": "Les documents publics que les faits citent.",
    "dispositifs": "Appels et dispositifs ; l'id est commun à tous les cas.",
    "autres initiatives": "Initiatives dont ce cas parle et qui n'ont pas leur fiche.",
    "besoins": "Ce qui manquait au territoire, avant l'initiative.",
    "acteurs": "Les organismes qui agissent.",
    "rôles": "Qui a tenu quel rôle, comme le document le dit.",
    "processus": "Une manière de coopérer qu'un autre territoire peut reprendre.",
    "étapes": "Les étapes de ce processus.",
    "conditions": "Ce que le processus demande autour de lui pour marcher.",
    "séquences": "Ce qui a réellement été fait, et quand.",
    "obstacles": "Les difficultés, et ce qui les a levées.",
    "résultats": "Ce qui a été obtenu ou manqué, avec la preuve et qui le dit.",
    "moyens": "Ce qui a été mis en commun.",
    "enseignements": "Ce qui a été appris et peut servir ailleurs.",
    "changements d'échelle": "Comment l'initiative a grandi ou a été reprise ailleurs.",
    "adaptations": "Ce qui a été gardé, changé, laissé ou ajouté en reprenant le processus ailleurs.",
    "financements": "Qui a financé, à quel titre.",
    "indicateurs": "Des chiffres, avec leur année.",
    "reconnaissances": "Labels et appels remportés.",
}


def form(slug: str, values: Values) -> str:
    """The commented form, empty."""
    listed_schemes: set[str] = set()
    lines = [_HEADER.format(slug=slug).rstrip("\n")]
    lines += _fields(Case, "", values, listed_schemes)
    for name, model in LISTS.values():
        lines += ["", f"# {_TITLES[name]}", f"{name}:"]
        item = list(_fields(model, "    ", values, listed_schemes))
        first = next(number for number, line in enumerate(item) if not line.lstrip().startswith("#"))
        item[first] = "  - " + item[first].removeprefix("    ")
        lines += item
    return "\n".join(lines) + "\n" + _FOOTER


def _fields(model: type[Part], indent: str, values: Values, listed_schemes: set[str]) -> Iterator[str]:
    for column, name, info, kind in model.fields():
        if item_type(info) or (model is Case and column == "description"):
            continue
        notes = (
            [info.description or ""]
            if kind and kind.type == "concept"
            else [help_of(info.description or "", kind, False)]
        )
        notes.append("plusieurs : [un, deux]" if model.is_list(column) else "")
        start = f"{indent}{name}:"
        note = " ; ".join(note for note in notes if note)
        mark = "(*) " if info.is_required() else ""
        yield f"{start:<28}# {mark}{note}".rstrip() if mark or note else start
        if kind and kind.type == "concept":
            is_listed = kind.of in listed_schemes
            listed_schemes.add(kind.of)
            text = f"valeurs : les mêmes que plus haut ({kind.of})" if is_listed else _choices(kind.of, values)
            yield from wrap(text, _WIDTH, initial_indent=f"{indent}#   ", subsequent_indent=f"{indent}#   ")


def help_of(help_text: str, kind: Type | None, is_list: bool) -> str:
    """What to write in a field."""
    parts = [help_text]
    if kind and kind.type == "concept":
        parts.append(f"voir les valeurs ({kind.of})")
    if kind and kind.type == "moment" and not help_text:
        parts.append("AAAA, AAAA-MM ou AAAA-MM-JJ")
    if is_list:
        parts.append("plusieurs possibles")
    return " ; ".join(part for part in parts if part)


def _choices(scheme: str, values: Values) -> str:
    labels = values.labels(scheme)
    if len(labels) <= _MAX_LISTED:
        return "valeurs : " + " · ".join(labels)
    own_labels = values.labels(scheme, own=True)
    others = f"l'une des {len(labels) - len(own_labels)} autres de la feuille « valeurs » du classeur"
    return f"valeurs : {' · '.join(own_labels)} ; ou {others}"


def json_schema(values: Values) -> str:
    """JSON Schema of a case's front matter, for editors: it proposes the values of the schemes."""
    schema: dict[str, Any] = Case.model_json_schema(by_alias=True)
    definitions = schema["$defs"]
    models: list[tuple[type[Part], dict[str, Any]]] = [(Case, schema)]
    models += [(model, definitions[model.__name__]) for _name, model in LISTS.values()]
    for model, model_schema in models:
        properties = model_schema["properties"]
        for column, name, info, kind in model.fields():
            if item_type(info):
                continue
            # What YAML makes of 39300, 2020 or oui without quotes is right too: the reader takes them as text.
            schema_of_field: dict[str, Any] = {"type": ["string", "number", "boolean"]}
            if kind and kind.type == "concept":
                proposed = [*values.labels(kind.of), *values.slugs(kind.of)]
                schema_of_field = {"anyOf": [{"enum": list(dict.fromkeys(proposed))}, {"type": "string"}]}
            if model.is_list(column):
                schema_of_field = {"anyOf": [schema_of_field, {"type": "array", "items": schema_of_field}]}
            if not info.is_required():
                schema_of_field = {"anyOf": [schema_of_field, {"type": "null"}]}
            properties[name] = {
                "description": help_of(info.description or "", kind, model.is_list(column)),
                **schema_of_field,
            }
    del schema["properties"]["résumé"]  # it is the text under the form
    return json.dumps(schema, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
