"""A case as it was read → its facts as rows of the canonical tables, or all that is wrong with it.

Keys: the initiative is <source>-<case>, a programme has its own id, an organization its SIREN or RNA, and every
other entity is <source>-<case>-<kind>-<id>. Where the author gives no id, it is made of what the fact says
(`identity` in `clirld.cases.model`), never of its place in the list.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from clirld.cases.field_types import CitedEntity, Fact, Part, Type, item_type
from clirld.cases.model import LISTS, Case, Process, Programme, Role, Step
from clirld.cases.raw import FieldPath, Location, Problem, RawCase, field_names
from clirld.cases.reuse import Adaptation, Condition, Lesson, Outcome, Scaling
from clirld.cases.values import Values, suggestions
from clirld.read.rows import Cell
from clirld.values.cleaners import CLEANERS
from clirld.values.personal_data import first_found

_MAX_ID_LENGTH = 60
"""Letters of an id made of a text: long enough to tell, short enough to read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a canonical table, made of one fact.

    `page` is the document's address, `checked` what was found when it was read again, and `checked_on` the day.
    """

    table: str
    identifier: str
    page: str
    values: dict[str, Cell]
    location: Location
    checked: str = ""
    checked_on: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case gives: rows, if nothing is wrong with it."""

    raw: RawCase
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def facts(raw: RawCase, values: Values, *, source: str, cases: Collection[str] = ()) -> Facts:
    """Rows of a case, or its problems. `cases` are the slugs of the others that it may refer to."""
    if not raw.problems:
        slug = CLEANERS["slug"](raw.slug).value or "cas"
        if slug != raw.slug:
            raw.add_problem("bad-slug", (), value=raw.slug, near=slug)
    case = _case(raw) if not any(problem.code != "field-twice" for problem in raw.problems) else None
    if case is None:
        return Facts(raw, problems=tuple(raw.problems))
    rows = _RowBuilder(raw, case, values, source, cases).rows()
    problems = sorted(raw.problems, key=lambda one: (one.location.sheet or "", one.location.line or 0))
    return Facts(raw, () if problems else tuple(rows), tuple(problems))


def _case(raw: RawCase) -> Case | None:
    """The typed case, or None with what its form lacks among the problems."""
    try:
        return Case.model_validate(raw.data)
    except ValidationError as validation_error:
        for error in validation_error.errors():
            path: FieldPath = tuple(part for part in error["loc"] if isinstance(part, int | str))
            model = _model_at(path[:-1] if error["type"] in ("missing", "extra_forbidden") else path)
            name = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
            if error["type"] == "missing":
                raw.add_problem("missing-field", path, name=name)
            elif error["type"] == "extra_forbidden":
                raw.add_problem("unknown-field", path, name=name, **suggestions(name, field_names(model).values()))
            else:
                raw.add_problem("wrong-form", path, name=name)
        return None


def _model_at(path: FieldPath) -> type[Part]:
    """The model that a place in a case is of."""
    model: type[Part] = Case
    for part in path:
        for _column, name, info, _type in model.fields():
            if name == part and (inner := item_type(info)):
                model = inner
                break
    return model


@dataclass(slots=True)
class _RowBuilder:
    raw: RawCase
    case: Case
    values: Values
    source: str
    cases: Collection[str]
    documents: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """List → id of an item → key of its entity."""
    clean: dict[FieldPath, dict[str, Any]] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        """All rows; what is wrong is noted on the way."""
        self._read_documents()
        self._check_place((), self.case)
        first = self._clean_values(self.case, ())
        for column, (name, model) in LISTS.items():
            if issubclass(model, Fact):
                self._assign_ids(column, name, getattr(self.case, column))
        # Only once every step has its process, since ranks are counted within one.
        self._set_ranks(LISTS["steps"][0])
        rows = [self._row(self.case, (), first, self.raw.slug)]
        for column, (name, model) in LISTS.items():
            for number, fact in enumerate(getattr(self.case, column) if issubclass(model, Fact) else ()):
                path = (name, number)
                rows.append(self._row(fact, path, self.clean[path], self._identifier(fact, self.clean[path]["id"])))
        return rows

    # What can be cited -----------------------------------------------------------------------------

    def _read_documents(self) -> None:
        for number, document in enumerate(self.case.documents):
            path: FieldPath = (LISTS["documents"][0], number)
            texts = self._clean_values(document, path)
            if document.id in self.documents:
                self.raw.add_problem("same-id", path, list="documents", value=document.id)
            self.documents[document.id] = texts

    def _citation(self, entity: CitedEntity, path: FieldPath) -> tuple[str, str]:
        """Address of the document that says it, and how it is cited."""
        document = self.documents.get(entity.according_to)
        if document is None:
            detail = suggestions(entity.according_to, self.documents)
            self.raw.add_problem("unknown-document", (*path, "selon"), value=entity.according_to, **detail)
            return "", ""
        parts = [document["title"], document.get("publisher"), document.get("date")]
        if entity.page:
            parts.append(f"p. {entity.page}" if entity.page[:1].isdigit() else entity.page)
        return document.get("url", ""), ", ".join(part for part in parts if part)

    # Values ----------------------------------------------------------------------------------------

    def _clean_values(self, part: Part, path: FieldPath) -> dict[str, Any]:
        """Clean values by column: text, or a list of texts; ids are looked up later."""
        values: dict[str, Any] = {}
        for column, name, info, kind in part.fields():
            content = getattr(part, column)
            if content in (None, []) or item_type(info):
                continue
            field_path = (*path, name)
            items = content if isinstance(content, list) else [content]
            for number, text in enumerate(items):
                if personal := first_found(text) if column not in ("homepage", "url", "site") else None:
                    self.raw.add_problem("personal", (*field_path, number), name=name, value=personal)
            cleaned = [self._clean_value(text, kind, (*field_path, number), name) for number, text in enumerate(items)]
            texts = [text for text in cleaned if text]
            if texts:
                values[column] = texts if isinstance(content, list) else texts[0]
        start, end = values.get("start_year"), values.get("end_year")
        if start and end and end[: len(start)] < start[: len(end)]:
            self.raw.add_problem("end-before-start", (*path, "fin"), start=start, end=end)
        return values

    def _clean_value(self, text: str, kind: Type | None, path: FieldPath, name: str) -> str | None:
        if kind is None:
            return text
        cleaned = self.values.clean(text, kind)
        if cleaned.code:
            self.raw.add_problem(cleaned.code, path, name=name, value=text, **cleaned.detail)
        return cleaned.value

    # Ids and keys ----------------------------------------------------------------------------------

    def _assign_ids(self, column: str, name: str, items: list[Fact]) -> None:
        for number, fact in enumerate(items):
            path: FieldPath = (name, number)
            texts = self.clean[path] = self._clean_values(fact, path)
            if isinstance(fact, Step | Condition):
                self._set_only_one("process", "processes", texts, path)
            elif isinstance(fact, Adaptation):
                self._set_only_one("scaling", "scalings", texts, path)
            id_ = texts.get("id") or self._derived_id(fact, texts)
            slug = CLEANERS["slug"](id_).value or "x"
            if slug != id_:
                self.raw.add_problem("bad-id", (*path, "id"), value=id_, near=slug)
            if slug in self.keys[column]:
                self.raw.add_problem("same-id", path, list=f"« {name} »", value=slug)
            texts["id"] = slug
            self.keys[column][slug] = self._key(fact, slug, texts)
            if isinstance(fact, Role) and not (fact.role or fact.public_role):
                self.raw.add_problem("no-role", path, value=fact.member)
            if column == "others":
                self._check_place(path, fact)

    @staticmethod
    def _derived_id(fact: Fact, texts: Mapping[str, Any]) -> str:
        parts = []
        for column in fact.identity:
            value = texts.get(column)
            slug = CLEANERS["slug"](value[0] if isinstance(value, list) else value or "").value or ""
            if column.endswith("year"):
                slug = slug[:4]
            parts += [slug[:_MAX_ID_LENGTH].rpartition("-")[0] if len(slug) > _MAX_ID_LENGTH else slug]
        return "-".join(filter(None, parts)) or "x"

    def _identifier(self, fact: Fact, id_: str) -> str:
        return f"{self.raw.slug}-{fact.kind_name}-{id_}"

    def _key(self, fact: Fact, id_: str, texts: Mapping[str, Any]) -> str:
        if isinstance(fact, Programme):
            return id_
        for official in ("siren", "rna"):
            if texts.get(official):
                return f"{official}-{texts[official]}"
        return f"{self.source}-{self._identifier(fact, id_)}"

    def _referenced_key(self, kind: Type, text: str, path: FieldPath, name: str) -> str | None:
        """Key of what an id means."""
        if text in self.keys[kind.of]:
            return self.keys[kind.of][text]
        allowed = list(self.keys[kind.of])
        if kind.of == "others":
            if text in self.cases or text == self.raw.slug:
                return f"{self.source}-{text}"
            allowed += sorted(self.cases)
        detail = {"list": f"« {LISTS[kind.of][0]} »", **suggestions(text, allowed)}
        self.raw.add_problem("unknown-reference", path, name=name, value=text, **detail)
        return None

    # Rows ------------------------------------------------------------------------------------------

    def _row(self, entity: CitedEntity, path: FieldPath, texts: Mapping[str, Any], identifier: str) -> Row:
        page, citation = self._citation(entity, path)
        row: dict[str, Cell] = {}
        for column, name, _info, kind in entity.fields():
            value = texts.get(column)
            if value is None or column == "id" or column in CitedEntity.model_fields:
                continue
            if kind and kind.type == "reference":
                several = value if isinstance(value, list) else [value]
                keys = [key for one in several if (key := self._referenced_key(kind, one, (*path, name), name))]
                if keys:
                    row[column] = keys if isinstance(value, list) else keys[0]
            elif kind and kind.type == "moment":
                row[column] = value[:4]
                if entity.table in ("activity", "participation") and column == "start_year" and len(value) == 10:
                    row["start_date"] = value
            else:
                row[column] = value
        self._add_derived_columns(entity, path, row)
        if isinstance(entity, Fact):
            row["key"] = self._key(entity, texts["id"], texts)
        else:
            row["key"] = f"{self.source}-{identifier}"
        if entity.cited:
            row |= {"page": page, "citation": citation}
        elif entity.table == "recognition":
            row["page"] = page
        checked, checked_on = texts.get("checked", ""), texts.get("checked_on", "")
        if bool(entity.checked) != bool(entity.checked_on):
            self.raw.add_problem("half-checked", (*path, "selon"))
        return Row(entity.table, identifier, page, row, self.raw.location(path), checked, checked_on)

    def _add_derived_columns(self, entity: CitedEntity, path: FieldPath, row: dict[str, Cell]) -> None:
        """What the tables say in another way than the form."""
        initiative = f"{self.source}-{self.raw.slug}"
        if isinstance(entity, Fact) and entity.to and not row.get(entity.to) and not row.get("organization"):
            row[entity.to] = [initiative] if isinstance(entity, Process | Lesson) else initiative
        if row.pop("public", ""):
            row["public_class"] = "PublicOrganisation"
        elif entity.table == "organization" and row.get("jurisdiction"):
            self.raw.add_problem("not-public", path, name="compétence", value=str(row["name"]))
        if isinstance(entity, Role) and row.get("public_role") and not self._is_public(entity.member):
            self.raw.add_problem("not-public", path, name="rôle public", value=entity.member)
        if "amount" in row:
            row["currency"] = "EUR"
        if site := row.pop("site", None):
            row["page"] = site
        if isinstance(entity, Outcome) and row.get("assessment") == "worked" and not _is_proven(row):
            self.raw.add_problem("too-little-evidence", path, value=entity.evidence)
        if isinstance(entity, Scaling):
            if not entity.to_initiative and not entity.to_territory:
                self.raw.add_problem("no-target", path)
            elif row.get("to_initiative") and row.get("to_initiative") == row.get("from_initiative"):
                self.raw.add_problem("same-target", path, value=entity.to_initiative or self.raw.slug)

    def _is_public(self, actor: str) -> bool:
        name = LISTS["actors"][0]
        actors = [texts for path, texts in self.clean.items() if path[0] == name and texts["id"] == actor]
        return not actors or bool(actors[0].get("public"))

    def _check_place(self, path: FieldPath, part: Any) -> None:
        if not part.commune and not part.acts_in:
            self.raw.add_problem("no-place", path)

    def _set_only_one(self, column: str, of: str, texts: dict[str, Any], path: FieldPath) -> None:
        """What a fact is of, where it does not say which: the only one there is."""
        if column not in texts:
            if len(self.keys[of]) == 1:
                texts[column] = next(iter(self.keys[of]))
            else:
                self.raw.add_problem(f"which-{column}", path)

    def _set_ranks(self, name: str) -> None:
        """A step without a rank has that of its place among the steps of its process."""
        taken: dict[str, set[str]] = defaultdict(set)
        for path, texts in self.clean.items():
            if path[0] == name:
                process = texts.get("process", "")
                rank = texts.setdefault("order", str(len(taken[process]) + 1))
                if rank in taken[process]:
                    self.raw.add_problem("same-rank", path, value=process, rank=rank)
                taken[process].add(rank)


def _is_proven(outcome: Mapping[str, Cell]) -> bool:
    """Whether the evidence of an outcome lets one say that it worked (shapes/checks/worked-without-evidence.rq)."""
    evidence = outcome.get("evidence")
    if evidence == "compared":
        return "value" in outcome and ("baseline" in outcome or "target" in outcome)
    return evidence not in ("claimed", "counted")
