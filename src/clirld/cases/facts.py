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

from clirld.cases.model import (
    LISTS,
    Case,
    Fact,
    Is,
    Lesson,
    Part,
    Process,
    Programme,
    Role,
    Said,
    Scaling,
    Step,
    item_type,
)
from clirld.cases.raw import At, Place, Problem, Raw, names
from clirld.cases.values import Values, near, person
from clirld.read.rows import Cell
from clirld.values.cleaners import CLEANERS

_LONGEST = 60
"""Letters of an id made of a text: long enough to tell, short enough to read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a canonical table, made of one fact. `page` is the document's address."""

    table: str
    identifier: str
    page: str
    values: dict[str, Cell]
    place: Place


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case gives: rows, if nothing is wrong with it."""

    raw: Raw
    rows: tuple[Row, ...] = ()
    problems: tuple[Problem, ...] = ()


def facts(raw: Raw, values: Values, *, source: str, cases: Collection[str] = ()) -> Facts:
    """Rows of a case, or its problems. `cases` are the slugs of the others that it may refer to."""
    if not raw.problems:
        slug = CLEANERS["slug"](raw.slug).value or "cas"
        if slug != raw.slug:
            raw.wrong("bad-slug", (), value=raw.slug, near=slug)
    case = _case(raw) if not any(problem.code != "field-twice" for problem in raw.problems) else None
    if case is None:
        return Facts(raw, problems=tuple(raw.problems))
    rows = _Reading(raw, case, values, source, cases).rows()
    problems = sorted(raw.problems, key=lambda one: (one.place.sheet or "", one.place.line or 0))
    return Facts(raw, () if problems else tuple(rows), tuple(problems))


def _case(raw: Raw) -> Case | None:
    """The typed case, or None with what its form lacks among the problems."""
    try:
        return Case.model_validate(raw.data)
    except ValidationError as wrong:
        for error in wrong.errors():
            at: At = tuple(part for part in error["loc"] if isinstance(part, int | str))
            model = _model(at[:-1] if error["type"] in ("missing", "extra_forbidden") else at)
            name = next((str(part) for part in reversed(at) if isinstance(part, str)), "")
            if error["type"] == "missing":
                raw.wrong("missing-field", at, name=name)
            elif error["type"] == "extra_forbidden":
                raw.wrong("unknown-field", at, name=name, **near(name, names(model).values()))
            else:
                raw.wrong("wrong-form", at, name=name)
        return None


def _model(at: At) -> type[Part]:
    """The model that a place in a case is of."""
    model: type[Part] = Case
    for part in at:
        for _column, name, info, _is in model.fields():
            if name == part and (inner := item_type(info)):
                model = inner
                break
    return model


@dataclass(slots=True)
class _Reading:
    raw: Raw
    case: Case
    values: Values
    source: str
    cases: Collection[str]
    documents: dict[str, Any] = field(default_factory=dict)
    keys: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """List → id of an item → key of its entity."""
    clean: dict[At, dict[str, Any]] = field(default_factory=dict)

    def rows(self) -> list[Row]:
        """All rows; what is wrong is noted on the way."""
        self._documents()
        self._place((), self.case)
        first = self._texts(self.case, ())
        for column, (name, model) in LISTS.items():
            if issubclass(model, Fact):
                self._ids(column, name, getattr(self.case, column))
        self._ranks(LISTS["steps"][0])
        rows = [self._row(self.case, (), first, self.raw.slug)]
        for column, (name, model) in LISTS.items():
            for number, fact in enumerate(getattr(self.case, column) if issubclass(model, Fact) else ()):
                at = (name, number)
                rows.append(self._row(fact, at, self.clean[at], self._identifier(fact, self.clean[at]["id"])))
        return rows

    # What can be cited -----------------------------------------------------------------------------

    def _documents(self) -> None:
        for number, document in enumerate(self.case.documents):
            at: At = (LISTS["documents"][0], number)
            texts = self._texts(document, at)
            if document.id in self.documents:
                self.raw.wrong("same-id", at, list="documents", value=document.id)
            self.documents[document.id] = texts

    def _cited(self, said: Said, at: At) -> tuple[str, str]:
        """Address of the document that says it, and how it is cited."""
        document = self.documents.get(said.according_to)
        if document is None:
            self.raw.wrong(
                "unknown-document", (*at, "selon"), value=said.according_to, **near(said.according_to, self.documents)
            )
            return "", ""
        parts = [document["title"], document.get("publisher"), document.get("date")]
        if said.page:
            parts.append(f"p. {said.page}" if said.page[:1].isdigit() else said.page)
        return document.get("url", ""), ", ".join(part for part in parts if part)

    # Values ----------------------------------------------------------------------------------------

    def _texts(self, part: Part, at: At) -> dict[str, Any]:
        """Clean values by column: text, or a list of texts; ids are looked up later."""
        found: dict[str, Any] = {}
        for column, name, info, kind in part.fields():
            given = getattr(part, column)
            if given in (None, []) or item_type(info):
                continue
            here = (*at, name)
            several = given if isinstance(given, list) else [given]
            for number, text in enumerate(several):
                if meant := person(text) if column not in ("homepage", "url", "site") else None:
                    self.raw.wrong("personal", (*here, number), name=name, value=meant)
            texts = [
                one for number, text in enumerate(several) if (one := self._text(text, kind, (*here, number), name))
            ]
            if texts:
                found[column] = texts if isinstance(given, list) else texts[0]
        start, end = found.get("start_year"), found.get("end_year")
        if start and end and end[: len(start)] < start[: len(end)]:
            self.raw.wrong("end-before-start", (*at, "fin"), start=start, end=end)
        return found

    def _text(self, text: str, kind: Is | None, at: At, name: str) -> str | None:
        if kind is None:
            return text
        read = self.values.clean(text, kind)
        if read.code:
            self.raw.wrong(read.code, at, name=name, value=text, **read.detail)
        return read.value

    # Ids and keys ----------------------------------------------------------------------------------

    def _ids(self, column: str, name: str, items: list[Fact]) -> None:
        for number, fact in enumerate(items):
            at: At = (name, number)
            texts = self.clean[at] = self._texts(fact, at)
            if isinstance(fact, Step):
                self._process_of(texts, at)
            own = texts.get("id") or self._own_id(fact, texts)
            slug = CLEANERS["slug"](own).value or "x"
            if slug != own:
                self.raw.wrong("bad-id", (*at, "id"), value=own, near=slug)
            if slug in self.keys[column]:
                self.raw.wrong("same-id", at, list=f"« {name} »", value=slug)
            texts["id"] = slug
            self.keys[column][slug] = self._key(fact, slug, texts)
            if isinstance(fact, Role) and not (fact.role or fact.public_role):
                self.raw.wrong("no-role", at, value=fact.member)
            if column == "others":
                self._place(at, fact)

    @staticmethod
    def _own_id(fact: Fact, texts: Mapping[str, Any]) -> str:
        parts = []
        for column in fact.identity:
            value = texts.get(column)
            words = CLEANERS["slug"](value[0] if isinstance(value, list) else value or "").value or ""
            if column.endswith("year"):
                words = words[:4]
            parts += [words[:_LONGEST].rpartition("-")[0] if len(words) > _LONGEST else words]
        return "-".join(filter(None, parts)) or "x"

    def _identifier(self, fact: Fact, own: str) -> str:
        return f"{self.raw.slug}-{fact.kind_of}-{own}"

    def _key(self, fact: Fact, own: str, texts: Mapping[str, Any]) -> str:
        if isinstance(fact, Programme):
            return own
        for official in ("siren", "rna"):
            if texts.get(official):
                return f"{official}-{texts[official]}"
        return f"{self.source}-{self._identifier(fact, own)}"

    def _referred(self, kind: Is, text: str, at: At, name: str) -> str | None:
        """Key of what an id means."""
        if text in self.keys[kind.of]:
            return self.keys[kind.of][text]
        allowed = list(self.keys[kind.of])
        if kind.of == "others":
            if text in self.cases or text == self.raw.slug:
                return f"{self.source}-{text}"
            allowed += sorted(self.cases)
        self.raw.wrong(
            "unknown-reference", at, name=name, value=text, list=f"« {LISTS[kind.of][0]} »", **near(text, allowed)
        )
        return None

    # Rows ------------------------------------------------------------------------------------------

    def _row(self, said: Said, at: At, texts: Mapping[str, Any], identifier: str) -> Row:
        page, citation = self._cited(said, at)
        out: dict[str, Cell] = {}
        for column, name, _info, kind in said.fields():
            value = texts.get(column)
            if value is None or column in ("id", "according_to", "page"):
                continue
            if kind and kind.type == "reference":
                several = value if isinstance(value, list) else [value]
                keys = [key for one in several if (key := self._referred(kind, one, (*at, name), name))]
                if keys:
                    out[column] = keys if isinstance(value, list) else keys[0]
            elif kind and kind.type == "moment":
                out[column] = value[:4]
                if said.table == "activity" and column == "start_year" and len(value) == 10:
                    out["start_date"] = value
            else:
                out[column] = value
        self._special(said, at, out)
        out["key"] = self._key(said, texts["id"], texts) if isinstance(said, Fact) else f"{self.source}-{identifier}"
        if said.cited:
            out |= {"page": page, "citation": citation}
        elif said.table == "recognition":
            out["page"] = page
        return Row(said.table, identifier, page, out, self.raw.where(at))

    def _special(self, said: Said, at: At, out: dict[str, Cell]) -> None:
        """What the tables say in another way than the form."""
        initiative = f"{self.source}-{self.raw.slug}"
        if isinstance(said, Fact) and said.to and not out.get(said.to) and not out.get("organization"):
            out[said.to] = [initiative] if isinstance(said, Process | Lesson) else initiative
        if out.pop("public", ""):
            out["public_class"] = "PublicOrganisation"
        elif said.table == "organization" and out.get("jurisdiction"):
            self.raw.wrong("not-public", at, name="compétence", value=str(out["name"]))
        if isinstance(said, Role) and out.get("public_role") and not self._public(said.member):
            self.raw.wrong("not-public", at, name="rôle public", value=said.member)
        if "amount" in out:
            out["currency"] = "EUR"
        if site := out.pop("site", None):
            out["page"] = site
        if isinstance(said, Scaling):
            if not said.to_initiative and not said.to_territory:
                self.raw.wrong("no-target", at)
            elif out.get("to_initiative") and out.get("to_initiative") == out.get("from_initiative"):
                self.raw.wrong("same-target", at, value=said.to_initiative or self.raw.slug)

    def _public(self, actor: str) -> bool:
        name = LISTS["actors"][0]
        own = [texts for at, texts in self.clean.items() if at[0] == name and texts["id"] == actor]
        return not own or bool(own[0].get("public"))

    def _place(self, at: At, part: Any) -> None:
        if not part.commune and not part.acts_in:
            self.raw.wrong("no-place", at)

    def _process_of(self, texts: dict[str, Any], at: At) -> None:
        """The process of a step that does not say which: the only one there is."""
        known = self.keys["processes"]
        if "process" not in texts:
            if len(known) == 1:
                texts["process"] = next(iter(known))
            else:
                self.raw.wrong("which-process", at)

    def _ranks(self, name: str) -> None:
        """A step without a rank has that of its place among the steps of its process."""
        taken: dict[str, set[str]] = defaultdict(set)
        for at, texts in self.clean.items():
            if at[0] == name:
                process = texts.get("process", "")
                rank = texts.setdefault("order", str(len(taken[process]) + 1))
                if rank in taken[process]:
                    self.raw.wrong("same-rank", at, value=process, rank=rank)
                taken[process].add(rank)
