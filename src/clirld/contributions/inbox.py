"""The files of contributions, below `inbox/contributions/`.

    <number>.json            a submission, written once, whole or not at all
    contacts/<number>.json   the e-mail address that came with it, apart; deleted 30 days after the decision
    decisions.jsonl          what was decided, by whom in which capacity, only ever added to
    published/<number>.json  the rows that an accepted submission becomes
    accepted.jsonl           all of those, in the order of their numbers: what `clirld run contributions` harvests
    forms/<nonce>            which submission a form became: the same form sent twice is one submission
    key                      what the tokens of forms are signed with

A number is half of the SHA-256 of the receipt: who knows the number cannot find the receipt's page.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from clirld import stages
from clirld.errors import DataError

SOURCE = "contributions"
SCHEMA = "https://w3id.org/clirld/ontology#Contribution"
VERSION = 1
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
LICENCE_VERSION = "4.0"
KEEP_CONTACT = timedelta(days=30)
KEEP_FORMS = timedelta(days=2)

Kind = Literal["addition", "correction", "case"]
Verdict = Literal["accepted", "rejected", "asked", "answered"]
State = Literal["received", "asked", "accepted", "rejected"]


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent. `fields` are the texts of the form; `contradicts` the statements that a correction is about."""

    number: str
    kind: Kind
    about: str
    fields: Mapping[str, str]
    contradicts: Mapping[str, Mapping[str, Any]]
    contributor_role: str
    language: str
    submitted: str
    release: str
    with_proof: bool
    licence: str = LICENCE
    licence_version: str = LICENCE_VERSION
    schema: str = SCHEMA
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a submission: why, in which capacity, when; `onto` is the thing that a gone one became."""

    contribution: str
    verdict: Verdict
    reason: str
    role: str
    at: str
    onto: str = ""
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Inbox:
    """The folder, and what is done in it."""

    folder: Path

    @classmethod
    def of(cls, inbox: Path) -> Inbox:
        """That of the contributions among all inboxes."""
        return cls(inbox / SOURCE)

    # Submissions -------------------------------------------------------------------------------------

    def key(self) -> bytes:
        """What tokens are signed with; made where there is none yet, readable by this user only."""
        path = self.folder / "key"
        with self.locked():
            with suppress(FileNotFoundError):
                return path.read_bytes()
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(secrets.token_bytes(32))
            return path.read_bytes()

    def add(self, nonce: str, submission: Submission, email: str = "") -> str:
        """Keep a submission that a form became; gives the number that the form has: another's if it was sent before."""
        with self.locked():
            form = self.folder / "forms" / nonce
            with suppress(FileNotFoundError):
                return form.read_text(encoding="ascii").strip()
            if email:
                self._write_contact(submission.number, email)
            if not (self.folder / f"{submission.number}.json").exists():
                stages.write_json(self.folder / f"{submission.number}.json", asdict(submission))
            form.parent.mkdir(exist_ok=True)
            form.write_text(submission.number, encoding="ascii")
            return submission.number

    def form_became(self, nonce: str) -> str:
        """The number of the submission that a form became; empty for one that was not sent."""
        try:
            return (self.folder / "forms" / nonce).read_text(encoding="ascii").strip()
        except OSError:
            return ""

    def submission(self, number: str) -> Submission | None:
        """A submission by its number."""
        if not is_number(number):
            return None
        try:
            data = json.loads((self.folder / f"{number}.json").read_text(encoding="utf-8"))
            return Submission(**data)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as problem:
            do = "put it back from a backup, or take it away"
            raise DataError("a contribution cannot be read", where=f"{self.folder}/{number}.json", do=do) from problem

    def submissions(self) -> list[Submission]:
        """All of them, the oldest first."""
        found = [self.submission(path.stem) for path in self.folder.glob("*.json") if is_number(path.stem)]
        return sorted((one for one in found if one), key=lambda one: (one.submitted, one.number))

    # Contacts ----------------------------------------------------------------------------------------

    def _write_contact(self, number: str, email: str) -> None:
        folder = self.folder / "contacts"
        folder.mkdir(mode=0o700, exist_ok=True)
        stages.write_json(folder / f"{number}.json", {"email": email, "version": VERSION})
        (folder / f"{number}.json").chmod(0o600)

    def contact(self, number: str) -> str:
        """The e-mail address that came with a submission; empty where none did, or it was deleted."""
        try:
            return str(json.loads((self.folder / "contacts" / f"{number}.json").read_text(encoding="utf-8"))["email"])
        except (OSError, ValueError, KeyError):
            return ""

    def expired(self, now: datetime) -> list[Path]:
        """E-mail addresses whose submission was accepted or rejected 30 days ago, and forms that are long over."""
        paths = []
        by_number = self.decisions()
        for path in sorted((self.folder / "contacts").glob("*.json")):
            decisions = by_number.get(path.stem, [])
            is_over = state_of(decisions) in ("accepted", "rejected")
            if is_over and now - datetime.fromisoformat(decisions[-1].at) >= KEEP_CONTACT:
                paths.append(path)
        limit = (now - KEEP_FORMS).timestamp()
        return paths + [path for path in sorted((self.folder / "forms").glob("*")) if path.stat().st_mtime < limit]

    # Decisions ---------------------------------------------------------------------------------------

    def decisions(self) -> dict[str, list[Decision]]:
        """What was decided, by submission, in the order it was. Raises DataError where the file is damaged."""
        path = self.folder / "decisions.jsonl"
        by_number: dict[str, list[Decision]] = {}
        try:
            written = path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return {}
        for row, line in enumerate(written, start=1):
            try:
                decision = Decision(**json.loads(line))
            except (ValueError, TypeError) as problem:
                do = "put the file back from a backup; a line that was written by half can be taken out"
                raise DataError("a decision cannot be read", where=f"{path}:{row}", do=do) from problem
            by_number.setdefault(decision.contribution, []).append(decision)
        return by_number

    def append(self, decision: Decision) -> None:
        """Add a decision; to be called with the folder locked."""
        line = json.dumps(asdict(decision), ensure_ascii=False, sort_keys=True) + "\n"
        with (self.folder / "decisions.jsonl").open("a", encoding="utf-8") as out:
            out.write(line)
            out.flush()
            os.fsync(out.fileno())

    # What is accepted --------------------------------------------------------------------------------

    def publish(self, number: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Keep the rows that a submission becomes once it is accepted; to be called with the folder locked."""
        stages.write_json(self.folder / "published" / f"{number}.json", {"rows": list(rows), "version": VERSION})

    def write_accepted(self) -> int:
        """Write `accepted.jsonl` anew from what is accepted; gives how many rows it has."""
        lines = []
        for number, decisions in sorted(self.decisions().items()):
            if state_of(decisions) == "accepted":
                data = json.loads((self.folder / "published" / f"{number}.json").read_text(encoding="utf-8"))
                lines += [json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n" for row in data["rows"]]
        unfinished = self.folder / f".accepted.{os.getpid()}"
        unfinished.write_text("".join(lines), encoding="utf-8")
        unfinished.replace(self.folder / "accepted.jsonl")
        return len(lines)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One at a time, whichever process."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def is_number(text: str) -> bool:
    """Whether a text can be the number of a contribution."""
    return len(text) == 20 and all(sign in "0123456789abcdef" for sign in text)


def number_of(receipt: str) -> str:
    """The number of the submission that a receipt is for."""
    return hashlib.sha256(f"receipt {receipt}".encode()).hexdigest()[:20]


def state_of(decisions: Sequence[Decision]) -> State:
    """Where a submission stands; an answer to a question puts it back among those received."""
    verdict = decisions[-1].verdict if decisions else "answered"
    return "received" if verdict == "answered" else verdict
