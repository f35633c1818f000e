"""A submission → rows of the canonical tables, as `accepted.jsonl` has them; or all that is wrong with it.

Keys: a new initiative is `contributions-<number>`, a case as in `clirld.cases.facts`, a correction
`<number>-<n>`. What a correction says is said of the thing itself in the graph of contributions, and it names the
statement that it contradicts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from clirld.cases import facts as case_facts
from clirld.cases.values import Values
from clirld.contributions import case_form
from clirld.contributions.case_form import raw_case
from clirld.contributions.fields import ADDRESS_COLUMNS, ADDRESS_TYPES, CORRECTABLES, Addition, correctables
from clirld.contributions.inbox import SOURCE, Submission
from clirld.contributions.problems import AnyProblem, Problem, clean, clean_part, missing, of_case, text_problem
from clirld.contributions.statements import Statement
from clirld.settings import BASE
from clirld.values.cleaners import CLEANERS

Labels = Mapping[str, str]
"""What the fields of a form are called in the language of whoever fills it in, by column."""


@dataclass(slots=True)
class Outcome:
    """Rows of a submission, or its problems; `about` is the thing that it is about."""

    about: str = ""
    page: str = ""
    rows: list[dict[str, str]] = field(default_factory=list)
    problems: list[AnyProblem] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    """Identifier of a row → the field of the form that it comes from."""

    def add(self, table: str, identifier: str, values: Mapping[str, Any], page: str = "", source: str = "") -> None:
        """Add a row."""
        told = json.dumps(values, ensure_ascii=False, sort_keys=True)
        self.rows.append({"table": table, "identifier": identifier, "page": page, "values": told})
        self.fields[identifier] = source


def outcome(one: Submission, values: Values, labels: Labels, statements: Mapping[str, Statement]) -> Outcome:
    """What a submission becomes; `statements` are those of the thing that it corrects, by their ids."""
    makers = {"addition": _addition, "case": _case}
    if one.kind == "correction":
        return _correction(one, values, labels, statements)
    return makers[one.kind](one, values, labels)


def with_decision(made: Outcome, one: Submission, role: str, accepted: str) -> list[dict[str, str]]:
    """The rows that are published: those of the submission, and the contribution with how its people stand."""
    whole = Outcome(made.about, rows=[{"contribution": one.number, **row} for row in made.rows])
    contribution = {
        "key": one.number,
        "kind": one.kind,
        "about": made.about,
        "contributor_role": one.contributor_role,
        "reviewer_role": role,
        "submitted": one.submitted[:10],
        "accepted": accepted[:10],
        "license": one.licence,
        **({"page": made.page} if made.page else {}),
    }
    whole.add("contribution", one.number, contribution, made.page)
    whole.rows[-1]["contribution"] = one.number
    return whole.rows


def _addition(one: Submission, values: Values, labels: Labels) -> Outcome:
    numbered = ("carrier_name",) if one.fields.get("carrier_siren", "").strip() else ()
    cleaned, problems = clean_part(Addition, one.fields, labels, values, numbered)
    identifier = f"{one.number}-initiative"
    key = f"{SOURCE}-{one.number}"
    made = Outcome(f"{BASE}id/initiative/{key}", cleaned.get("page", ""), problems=problems)
    siren, name = cleaned.get("carrier_siren"), cleaned.get("carrier_name")
    if siren and not name:
        problems.append(missing("carrier_name", labels["carrier_name"]))
    if problems:
        return made
    initiative = {name: value for name, value in cleaned.items() if not name.startswith("carrier_") and name != "page"}
    made.add("initiative", identifier, {"key": key, **initiative}, made.page)
    if name:
        member = f"siren-{siren}" if siren else f"{SOURCE}-{one.number}-carrier"
        organization = {"key": member, "name": name, **({"siren": siren} if siren else {})}
        made.add("organization", f"{one.number}-carrier", organization, made.page, "carrier_name")
        participation = {"initiative": key, "member": member, "role": "carrier", "page": made.page}
        participation |= {
            "key": f"{SOURCE}-{one.number}-carrier",
            "citation": urlsplit(made.page).hostname or made.page,
        }
        made.add("participation", f"{one.number}-role", participation, made.page, "carrier_name")
    return made


def _case(one: Submission, values: Values, labels: Labels) -> Outcome:
    title = one.fields.get("titre", "").strip()
    slug = CLEANERS["slug"](title).value or "cas"
    slug = f"{slug[:40].strip('-')}-{one.number[:8]}"
    made = Outcome(f"{BASE}id/initiative/{SOURCE}-{slug}")
    for name, text in one.fields.items():
        if problem := text_problem(name, text):
            made.problems.append(problem)
    raw, problems = raw_case(slug, one.fields)
    made.problems += problems
    if made.problems:
        return made
    found = case_facts.facts(raw, values, source=SOURCE)
    made.problems += [of_case(problem) for problem in found.problems]
    for row in found.rows:
        made.page = made.page or row.page
        made.add(row.table, row.identifier, row.values, row.page, row.location.file)
    return made


def _correction(one: Submission, values: Values, labels: Labels, statements: Mapping[str, Statement]) -> Outcome:
    made = Outcome(one.about)
    kind = one.about.removeprefix(f"{BASE}id/").partition("/")[0]
    page, problem = _page(one, labels, values)
    made.page = page
    remark, remark_problem = clean("remark", labels["remark"], one.fields.get("remark", "").strip(), None, values)
    made.problems += [each for each in (problem, remark_problem) if each]
    subject = {kind: one.about.rpartition("/")[2]} if correctables(kind) else {}
    common = {"contribution": one.number, "about": one.about, **({"remark": remark} if remark else {})}
    ids = {name.partition(".")[2]: name for name in one.fields if "." in name}
    made.problems += [Problem(ids[gone], "statement-gone") for gone in sorted(ids.keys() - one.contradicts.keys())]
    for column, statement_id, given in _changes(one, kind):
        name = f"{column}.{statement_id}" if statement_id else column
        contradicts = one.contradicts.get(statement_id)
        if statement_id and not contradicts:
            made.problems.append(Problem(name, "statement-gone"))
            continue
        if statement_id and statements and statement_id not in statements:
            made.problems.append(Problem(name, "statement-gone"))
            continue
        stated, problems = _stated(column, name, given, labels, values)
        made.problems += problems
        if problems:
            continue
        if not stated and not remark:
            made.problems.append(Problem("remark", "no-remark"))
            continue
        key = f"{one.number}-{len(made.rows) + 1}"
        said = {**common, **(subject if stated else {}), **stated, "key": key}
        said["property"] = contradicts["property"] if contradicts else _property(kind, column)
        said |= contradicts["columns"] if contradicts else {}
        made.add("correction", key, said, page, name)
    if not made.rows and not made.problems:
        made.problems.append(Problem("", "no-change"))
    return made


def _page(one: Submission, labels: Labels, values: Values) -> tuple[str, AnyProblem | None]:
    kind = Addition.model_fields["page"].metadata[0]
    given = one.fields.get("page", "").strip()
    if not given:
        return "", Problem("page", "page-needed")
    page, problem = clean("page", labels["page"], given, kind, values)
    return page or "", problem


def _changes(one: Submission, kind: str) -> list[tuple[str, str, dict[str, str]]]:
    """What was changed: the column, the statement it is in the place of (empty for a new one), and the texts."""
    changes: list[tuple[str, str, dict[str, str]]] = []
    for correctable in correctables(kind):
        columns = ADDRESS_COLUMNS if correctable.column == "address" else (correctable.column,)
        for statement_id, contradicts in one.contradicts.items():
            if contradicts["column"] == correctable.column:
                given = {name: one.fields.get(f"{name}.{statement_id}", "").strip() for name in columns}
                if list(given.values()) != [shown.strip() for shown in contradicts["shown"]]:
                    changes.append((correctable.column, statement_id, given))
        given = {name: one.fields.get(name, "").strip() for name in columns}
        if any(given.values()):
            changes.append((correctable.column, "", given))
    if wrong := one.fields.get("wrong", ""):
        changes.append(("", wrong, {}))
    return changes


def _stated(
    column: str, name: str, given: Mapping[str, str], labels: Labels, values: Values
) -> tuple[dict[str, str], list[AnyProblem]]:
    """The clean columns of what is said instead."""
    stated: dict[str, str] = {}
    problems: list[AnyProblem] = []
    types = ADDRESS_TYPES if column == "address" else {column: _type(column)} if column else {}
    for part, kind in types.items():
        text = given[part]
        if not text:
            continue
        field_name = name.replace("address", part, 1) if column == "address" else name
        if column == "address" and "." not in name:
            field_name = part
        value, problem = clean(field_name, labels[part], text, kind, values)
        if problem:
            problems.append(problem)
        elif value:
            stated[part] = value
    return stated, problems


def _type(column: str) -> Any:
    return next(one.type for one in CORRECTABLES if one.column == column)


def _property(kind: str, column: str) -> str:
    return next(one.property for one in correctables(kind) if one.column == column)


def is_field(kind: str, name: str) -> bool:
    """Whether the form of a kind of submission has a field of that name; what else is sent is not kept."""
    if kind == "addition":
        return name in Addition.model_fields
    if kind == "case":
        return case_form.is_field(name)
    column, _, statement = name.partition(".")
    columns = {one.column for one in CORRECTABLES} | set(ADDRESS_COLUMNS)
    return name in ("remark", "page", "wrong") or (column in columns and len(statement) in (0, 12))
