"""What moderators decide of a submission: accept, reject, ask; and what a contributor answers.

Two may decide at once: each says how many decisions it has seen, and the second is told of the first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from clirld.contributions.check import check
from clirld.contributions.inbox import Decision, Inbox, Submission, Verdict, state_of
from clirld.contributions.problems import AnyProblem, Problem, text_problem
from clirld.contributions.rows import Labels, with_decision
from clirld.contributions.statements import Statement, Thing
from clirld.errors import DataError
from clirld.project import Project
from clirld.values.personal_data import first_found

ROLES = ("moderator", "steward", "researcher")
"""Capacities in which somebody decides, concepts of reviewer-role."""

FindThing = Callable[[str], Thing | None]
"""What the current release says of a thing."""


class RefusedDecisionError(DataError):
    """A decision that was not taken: nothing was changed. `problems` say why."""

    def __init__(self, *problems: AnyProblem, successor: str = "") -> None:
        first = problems[0]
        super().__init__(first.message("en"), fr=first.message("fr"))
        self.problems = problems
        self.successor = successor


def now() -> datetime:
    """The moment of a decision."""
    return datetime.now(UTC).replace(microsecond=0)


def decide(
    inbox: Inbox, number: str, verdict: Verdict, *, reason: str, role: str, at: datetime, seen: int, onto: str = "",
    rows: Sequence[Mapping[str, str]] = (),
) -> Decision:  # fmt: skip
    """Add a decision to those of a submission, of which `seen` are known to whoever decides.

    `rows` are what a submission becomes that is accepted.

    Raises RefusedDecisionError where there is no such submission, no reason, or somebody has decided meanwhile.
    """
    if problem := reason_problem(reason, is_needed=verdict != "accepted"):
        raise RefusedDecisionError(problem)
    if inbox.submission(number) is None:
        raise RefusedDecisionError(Problem("", "no-contribution", {"id": number[:40]}))
    with inbox.locked():
        decisions = inbox.decisions().get(number, [])
        if len(decisions) != seen:
            state = f"{state_of(decisions)} ({decisions[-1].reason})" if decisions else "received"
            raise RefusedDecisionError(Problem("", "decided-meanwhile", {"state": state}))
        if verdict == "accepted":
            inbox.publish(number, rows)
        decision = Decision(number, verdict, reason.strip(), role, at.isoformat(), onto)
        inbox.append(decision)
        if verdict == "accepted" or any(one.verdict == "accepted" for one in decisions):
            inbox.write_accepted()
    return decision


def accept(
    project: Project, inbox: Inbox, number: str, *, find: FindThing, labels: Labels, reason: str, role: str,
    at: datetime, seen: int, onto: str = "",
) -> Decision:  # fmt: skip
    """Check a submission once more, keep what it becomes, and accept it; `onto` is what a thing that is gone became.

    Raises RefusedDecisionError, also where what it corrects is gone, or what it becomes is wrong today.
    """
    if problem := reason_problem(reason, is_needed=False):
        raise RefusedDecisionError(problem)
    submission = inbox.submission(number)
    if submission is None:
        raise RefusedDecisionError(Problem("", "no-contribution", {"id": number[:40]}))
    aimed, statements = aim(submission, find, onto)
    checked = check(project, aimed, labels, statements)
    if checked.problems:
        raise RefusedDecisionError(*checked.problems)
    rows = with_decision(checked.made, aimed, role, at.isoformat())
    return decide(inbox, number, "accepted", reason=reason, role=role, at=at, seen=seen, onto=onto, rows=rows)


def aim(submission: Submission, find: FindThing, onto: str = "") -> tuple[Submission, Mapping[str, Statement]]:
    """A submission with what it is about as it stands today, and the statements of that.

    Raises RefusedDecisionError where it is gone, with its successor where there is one.
    """
    if submission.kind != "correction":
        return submission, {}
    found = find(submission.about)
    if found is not None and not found.is_gone:
        return submission, {one.id: one for one in found.statements}
    successor = found.successor if found else ""
    if onto and onto == successor and (other := find(onto)) is not None and not other.is_gone:
        return replace(submission, about=onto), {}
    detail = {"iri": submission.about, "successor": successor}
    raise RefusedDecisionError(Problem("", "moved" if successor else "gone", detail), successor=successor)


def answer(inbox: Inbox, number: str, text: str, at: datetime) -> Decision:
    """What a contributor answers. Raises RefusedDecisionError where nothing was asked, or the text cannot be taken."""
    if problem := reason_problem(text, is_needed=True):
        raise RefusedDecisionError(problem)
    decisions = inbox.decisions().get(number, [])
    if state_of(decisions) != "asked":
        raise RefusedDecisionError(Problem("", "decided-meanwhile", {"state": state_of(decisions)}))
    return decide(inbox, number, "answered", reason=text, role="", at=at, seen=len(decisions))


def reason_problem(reason: str, *, is_needed: bool) -> AnyProblem | None:
    """What is wrong with a reason: it is read by others, so it names nobody."""
    if is_needed and not reason.strip():
        return Problem("reason", "reason-needed")
    if problem := text_problem("reason", reason):
        return problem
    if found := first_found(reason):
        return Problem("reason", "reason-personal", {"value": found})
    return None
