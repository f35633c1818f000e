"""`clirld contributions list|show|review|accept|reject|ask`: what was sent, and the decisions on it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any

import typer

from clirld.cli.keys import chosen_key
from clirld.cli.terminal import AsJson, Data, out, print_error, print_json
from clirld.contributions import decide
from clirld.contributions.inbox import Decision, Inbox, Submission, Verdict, state_of
from clirld.errors import UsageError
from clirld.settings import Settings

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "fr": {
        "keys": {"a": "accepted", "r": "rejected", "q": "asked", "p": "skip", "f": "quit"},
        "ask": "[a]ccepter  [r]efuser  [q]uestion  [p]asser  [f]inir",
        "reason": "raison, lue par la personne qui a contribué : ",
        "received": "à relire", "asked": "question posée", "accepted": "acceptée", "rejected": "refusée",
        "answered": "réponse", "addition": "nouvelle initiative", "correction": "correction", "case": "cas",
        "none": "aucune contribution", "decided": "{0} : {1}", "left": "contribution {0} sur {1}",
        "run": "« clirld run contributions » publie ce qui est accepté", "instead": "à côté de « {0} » : {1}",
        "wrong": "contesté", "end": "décidées : {0} ; restent : {1}", "no_proof": "sans preuve de travail",
    },
    "en": {
        "keys": {"a": "accepted", "r": "rejected", "k": "asked", "n": "skip", "q": "quit"},
        "ask": "[a]ccept  [r]eject  as[k]  [n]ext  [q]uit",
        "reason": "reason, read by whoever contributed: ",
        "received": "to be read", "asked": "asked", "accepted": "accepted", "rejected": "rejected",
        "answered": "answer", "addition": "new initiative", "correction": "correction", "case": "case",
        "none": "no contribution", "decided": "{0}: {1}", "left": "contribution {0} of {1}",
        "run": "“clirld run contributions” publishes what is accepted", "instead": "beside “{0}”: {1}",
        "wrong": "contested", "end": "decided: {0}; left: {1}", "no_proof": "without a proof of work",
    },
}  # fmt: skip

Number = Annotated[str, typer.Argument(metavar="NUMBER", help="Number of a contribution, or how it begins.")]
Role = Annotated[str, typer.Option("--as", metavar="ROLE", help="moderator, steward or researcher; it is published.")]
Because = Annotated[str, typer.Option("--because", help="Why; whoever contributed reads it: name nobody.")]


def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are decided too.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """List the contributions that wait for a decision or an answer."""
    table = _Table.open(data)
    shown = [one for one in table.inbox.submissions() if every or table.state(one) in ("received", "asked")]
    if as_json:
        print_json([{**asdict(one), "state": table.state(one)} for one in shown])
        return
    for one in shown:
        table.say(f"{one.number}  {one.submitted[:10]}  {table.words[table.state(one)]}  {table.title(one)}")
    if not shown:
        table.say(table.words["none"])


def show(number: Number, data: Data = None, as_json: AsJson = False) -> None:
    """Show a contribution: what was sent, what it contradicts, and what was decided."""
    table = _Table.open(data)
    one = table.find(number)
    decisions = [asdict(decision) for decision in table.decisions.get(one.number, [])]
    if as_json:
        print_json({**asdict(one), "state": table.state(one), "decisions": decisions})
    else:
        table.show(one)


def accept(
    number: Number,
    role: Role = "moderator",
    because: Because = "",
    onto: Annotated[str, typer.Option("--onto", metavar="IRI", help="What has replaced a thing that is gone.")] = "",
    data: Data = None,
) -> None:
    """Accept a contribution: the next run of the source “contributions” publishes it."""
    table = _Table.open(data)
    table.decide(table.find(number), "accepted", because, role, onto)
    table.say(table.words["run"])


def reject(number: Number, because: Because = "", role: Role = "moderator", data: Data = None) -> None:
    """Reject a contribution, saying why; one that was accepted goes with the next run."""
    table = _Table.open(data)
    table.decide(table.find(number), "rejected", because, role)


def ask(number: Number, because: Because = "", role: Role = "moderator", data: Data = None) -> None:
    """Ask whoever contributed something: the answer comes with the page of the receipt."""
    table = _Table.open(data)
    table.decide(table.find(number), "asked", because, role)


def review(role: Role = "moderator", data: Data = None) -> None:
    """Decide on what waits, one by one: one key a decision, then the reason."""
    table = _Table.open(data)
    waiting = [one for one in table.inbox.submissions() if table.state(one) == "received"]
    decided = 0
    for place, one in enumerate(waiting, start=1):
        table.say(table.words["left"].format(place, len(waiting)))
        table.show(one)
        action = table.asked()
        if action == "quit":
            break
        if action == "skip":
            continue
        out.print(table.words["reason"], end="", highlight=False, markup=False)
        try:
            table.decide(one, action, sys.stdin.readline().strip(), role)
            decided += 1
        except decide.RefusedDecisionError as refused:
            print_error(refused)
    table.say(table.words["end"].format(decided, len(waiting) - decided))


@dataclass
class _Table:
    """The contributions, as a moderator has them before them."""

    settings: Settings
    inbox: Inbox
    words: Mapping[str, Any]
    decisions: dict[str, list[Decision]] = field(default_factory=dict)

    @classmethod
    def open(cls, data: Any) -> _Table:
        """Those of a data folder."""
        settings = Settings.from_environment(data=data)
        inbox = Inbox.of(settings.inbox)
        return cls(settings, inbox, _WORDS[settings.message_language], inbox.decisions())

    def state(self, one: Submission) -> str:
        """How it stands."""
        return state_of(self.decisions.get(one.number, []))

    def find(self, number: str) -> Submission:
        """The one contribution whose number begins so. Raises UsageError for none or several."""
        found = [one for one in self.inbox.submissions() if number and one.number.startswith(number)]
        if len(found) != 1:
            do = "see them with “clirld contributions list --all”"
            raise UsageError(f"{len(found)} contributions have a number that begins so", where=number, do=do)
        return found[0]

    def title(self, one: Submission) -> str:
        """What it is about, in a line."""
        name = one.fields.get("name") or one.fields.get("titre") or one.about
        return (
            f"{self.words[one.kind]}: {one.about or name}"
            if one.kind == "correction"
            else f"{self.words[one.kind]}: {name}"
        )

    def show(self, one: Submission) -> None:
        """All of it."""
        proof = "" if one.with_proof else f"  ({self.words['no_proof']})"
        self.say(f"{one.number}  {one.submitted}  {one.contributor_role}  {self.words[self.state(one)]}{proof}")
        self.say(self.title(one))
        for name, text in one.fields.items():
            told = one.contradicts.get(name.partition(".")[2])
            before = " ".join(told["shown"]) if told else ""
            self.say(f"  {name.partition('.')[0]}: " + (self.words["instead"].format(before, text) if told else text))
        for statement, told in one.contradicts.items():
            if not any(name.endswith(f".{statement}") for name in one.fields):
                self.say("  " + self.words["instead"].format(" ".join(told["shown"]), self.words["wrong"]))
        for decision in self.decisions.get(one.number, []):
            self.say(f"  {decision.at}  {self.words[decision.verdict]}  {decision.role}  {decision.reason}")

    def asked(self) -> Any:
        """What the person wants; another key asks again."""
        self.say(self.words["ask"])
        return chosen_key(self.words["keys"])

    def decide(self, one: Submission, verdict: Verdict, reason: str, role: str, onto: str = "") -> None:
        """Write a decision. Raises RefusedDecisionError where it is not taken, UsageError for another role."""
        if role not in decide.ROLES:
            raise UsageError(f"there is no {role}", where="--as", do=f"give one of {', '.join(decide.ROLES)}")
        common: dict[str, Any] = {
            "reason": reason,
            "role": role,
            "at": decide.now(),
            "seen": len(self.decisions.get(one.number, [])),
            "onto": onto,
        }
        if verdict == "accepted":
            from clirld.web.contribution import server, words

            desk = server.desk_of(self.settings)
            labels = words.field_labels(desk.project, self.settings.message_language)
            made = decide.accept(desk.project, self.inbox, one.number, find=desk.find, labels=labels, **common)
        else:
            made = decide.decide(self.inbox, one.number, verdict, **common)
        self.decisions.setdefault(one.number, []).append(made)
        self.say(self.words["decided"].format(one.number, self.words[made.verdict]))

    def say(self, text: str) -> None:
        """Tell something, whatever signs are in it."""
        out.print(text, highlight=False, markup=False, soft_wrap=True)
