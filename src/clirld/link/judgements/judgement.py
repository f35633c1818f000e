"""One judgement: what somebody said of two records, when and why, and which earlier judgements it withdraws."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from stdnum.exceptions import ValidationError
from stdnum.iso7064 import mod_11_2

from clirld import stages
from clirld.errors import UsageError
from clirld.link.records import TABLES
from clirld.settings import BASE
from clirld.values.personal_data import without_personal_data

Says = Literal["same", "different", "unsure"]
SAYS: tuple[Says, ...] = ("same", "different", "unsure")

PREFIXES = {
    **{table: f"{BASE}id/{table}/" for table in TABLES},
    "judgement": f"{BASE}id/judgement/",
    "reviewer": f"{BASE}id/reviewer/",
    "orcid": "https://orcid.org/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "semapv": "https://w3id.org/semapv/vocab/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
}
"""What the names in the files are short for."""

BY_HAND = "semapv:ManualMappingCuration"
"""How a person comes to a judgement (Semantic Mapping Vocabulary, https://w3id.org/semapv)."""

PROCESSES = frozenset({"reviewer:clirld-session"})
"""Authors that are a process of the project and no person (`prov:SoftwareAgent`): a person has yet to confirm it."""

WITHDRAWAL = "withdrawal"
"""Evidence of a row that withdraws others and says nothing itself."""

_PSEUDONYM = re.compile(r"[a-z0-9][a-z0-9-]{1,30}")
_RECORD = re.compile(rf"(?:^|/)({'|'.join(TABLES)})[:/]([^\s/:<>\"{{}}|\\^`]+)$")
_ORCID = re.compile(r"(?:https?://orcid\.org/)?(\d{4}-\d{4}-\d{4}-\d{3}[\dX])")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What `author` said of `subject` and `object` on a `day`; names are short: `initiative:ptce-1`, `reviewer:ada`.

    `withdraws` are the ids of judgements that no longer hold. The id follows from all the rest, where none is given.
    """

    says: Says
    subject: str
    object: str
    author: str
    day: date
    comment: str = ""
    evidence: str = ""
    confidence: float | None = None
    withdraws: tuple[str, ...] = ()
    justification: str = BY_HAND
    subject_label: str = ""
    object_label: str = ""
    id: str = ""

    @property
    def pair(self) -> tuple[str, str]:
        """The two records, whichever was named first."""
        return (self.subject, self.object) if self.subject <= self.object else (self.object, self.subject)

    @property
    def table(self) -> str:
        """The table that both are records of."""
        return self.subject.partition(":")[0]

    @property
    def is_withdrawal(self) -> bool:
        """Whether it only withdraws others, and says nothing of the two itself."""
        return self.says == "unsure" and self.evidence == WITHDRAWAL

    def named(self) -> Judgement:
        """The same with its id: 16 digits of a hash of what it says, so that nobody has to count."""
        told = (self.says, *self.pair, self.author, self.day.isoformat(), self.comment, *sorted(self.withdraws))
        return self if self.id else replace(self, id=f"judgement:{stages.fingerprint(*told)}")


def iri(name: str) -> str:
    """The IRI that a short name stands for."""
    prefix, _colon, rest = name.partition(":")
    return PREFIXES[prefix] + rest


def short_name(text: str) -> str:
    """The short name of a record that a person names: `initiative:ptce-1`, its IRI, or the path of its page.

    Raises UsageError where it is neither an initiative nor an organization.
    """
    found = _RECORD.search(text.strip())
    if not found:
        raise UsageError(
            f"“{text}” is neither an initiative nor an organization", where="clirld match",
            do="give its IRI, or the end of it: initiative:ptce-1, organization:siren-123456789",
        )  # fmt: skip
    return f"{found[1]}:{found[2]}"


def author(name: str) -> str:
    """Who judges, as files name them: `orcid:…`, or `reviewer:…` with a pseudonym of their own choice.

    Raises UsageError for anything else, an address above all: it would be published.
    """
    if found := _ORCID.fullmatch(name.strip()):
        try:
            mod_11_2.validate(found[1].replace("-", ""))
        except ValidationError as problem:
            raise UsageError(
                f"“{name}” is no ORCID iD: its last digit does not fit", where="--as", do="copy it anew from orcid.org"
            ) from problem
        return f"orcid:{found[1]}"
    if not _PSEUDONYM.fullmatch(name):
        raise UsageError(
            f"“{name}” is neither an ORCID iD nor a pseudonym",
            where="--as",
            do="give what may be published with each judgement: small letters, digits and hyphens, 2 to 31 of them",
        )
    return f"reviewer:{name}"


def free_text(text: str, where: str) -> str:
    """A comment as it is published: one line. Raises UsageError where it names a person or leads to one."""
    line = " ".join(text.split())
    if without_personal_data(line) != line:
        raise UsageError(
            "the comment names somebody or gives a contact, and would be published",
            where=where,
            do="say why without naming anybody",
        )
    return line


def in_force(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Those that no other withdraws, in their order. A judgement that was itself withdrawn still withdraws."""
    every = list(judgements)
    withdrawn = {name for one in every for name in one.withdraws}
    return [one for one in every if one.id not in withdrawn and not one.is_withdrawal]


def withdrawal(of: Judgement, by: str, day: date, comment: str = "") -> Judgement:
    """That a judgement no longer holds, and no other takes its place."""
    return Judgement("unsure", of.subject, of.object, by, day, comment, WITHDRAWAL, withdraws=(of.id,),
                     subject_label=of.subject_label, object_label=of.object_label).named()  # fmt: skip
