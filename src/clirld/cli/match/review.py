"""`clirld match review`: pairs of records side by side, one key a decision, written at once."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import polars as pl
import typer
from pyoxigraph import Store

from clirld.cli.keys import chosen_key, wait_for_input
from clirld.cli.match.shared import By, append, today
from clirld.cli.match.side_by_side import Shown, shown, table
from clirld.cli.query import asked_release
from clirld.cli.terminal import Data, out
from clirld.errors import UsageError
from clirld.link.judgements import queue, sssom
from clirld.link.judgements.judgement import Judgement, Says, author, free_text, in_force, withdrawal
from clirld.release.published import Release
from clirld.settings import Settings

_WORDS: Mapping[str, Mapping[str, Any]] = {
    "fr": {
        "keys": {"m": "same", "d": "different", "i": "unsure", "p": "skip", "r": "undo", "c": "comment", "q": "quit"},
        "ask": "[m]ême  [d]ifférent  [i]ncertain  [p]asser  [r]evenir  [c]ommentaire  [q]uitter",
        "says": {"same": "même", "different": "différent", "unsure": "incertain"},
        "machine": "la machine : {0} ({1}), {2}", "nothing": "rien à quoi revenir",
        "comment": "commentaire (publié) : ",
        "said": "{0} : {1}", "undone": "retiré", "left": "paire {0} sur {1}",
        "end": "jugés : {0} ; restent : {1}", "agree": "d'accord avec d'autres : {0} fois sur {1}",
    },
    "en": {
        "keys": {"s": "same", "d": "different", "u": "unsure", "n": "skip", "b": "undo", "c": "comment", "q": "quit"},
        "ask": "[s]ame  [d]ifferent  [u]nsure  [n]ext  [b]ack  [c]omment  [q]uit",
        "says": {"same": "same", "different": "different", "unsure": "unsure"},
        "machine": "the machine: {0} ({1}), {2}", "nothing": "nothing to go back to",
        "comment": "comment (published): ",
        "said": "{0}: {1}", "undone": "withdrawn", "left": "pair {0} of {1}",
        "end": "judged: {0}; left: {1}", "agree": "agreed with others {0} times of {1}",
    },
}  # fmt: skip


def review(
    by: By,
    kind: Annotated[str, typer.Option("--table", help="initiative or organization; else both.")] = "",
    verdict: Annotated[str, typer.Option(help="Only candidates of this verdict: sure, possible or conflict.")] = "",
    second: Annotated[
        bool, typer.Option("--second", help="Pairs that another has judged, to be judged again.")
    ] = False,
    openly: Annotated[bool, typer.Option("--openly", help="Show at once what machine and others think.")] = False,
    identifier: Annotated[str | None, typer.Option("--release", metavar="ID", help="Ask this release.")] = None,
    data: Data = None,
) -> None:
    """Judge candidates one by one: two records side by side with their sources; what others think is shown afterwards.

    Each decision is written at once, into the files of the project; the same command goes on where one has stopped.
    """
    settings = Settings.from_environment(data=data)
    release = asked_release(settings, identifier)
    candidates = _candidates(release, kind, verdict)
    name = author(by)
    ledger = sssom.read(settings.judgements)
    pairs = queue.to_ask(candidates, ledger.judgements, name, second=second)
    session = _Session(settings, release, name, list(ledger.judgements), candidates, openly)
    session.run(pairs)


def _candidates(release: Release, kind: str, verdict: str) -> dict[queue.Pair, dict[str, Any]]:
    """The candidates of a release by their short names, and what is thought of each."""
    frame = pl.read_csv(release.folder / "links" / "candidates.csv", infer_schema=False)
    for option, value, column in (("--table", kind, "table"), ("--verdict", verdict, "verdict")):
        known = {"table": ("initiative", "organization"), "verdict": ("sure", "possible", "conflict")}[column]
        if value and value not in known:
            raise UsageError(f"there is no {value}", where=option, do=f"give one of {', '.join(known)}")
        frame = frame.filter(pl.col(column) == value) if value else frame
    found = {}
    for row in frame.iter_rows(named=True):
        one, other = sorted(f"{row['table']}:{row[side]}" for side in ("left", "right"))
        found[one, other] = row
    return found


class _Session:
    """One sitting: what is asked, said and written."""

    def __init__(
        self, settings: Settings, release: Release, name: str, judgements: list[Judgement],
        candidates: Mapping[queue.Pair, Mapping[str, Any]], openly: bool,
    ) -> None:  # fmt: skip
        self.settings, self.name, self.judgements, self.candidates = settings, name, judgements, candidates
        self.openly = openly
        self.words = _WORDS[settings.message_language]
        self.store = Store.read_only(str(release.folder / "store"))
        self.version = release.manifest["version"]
        self.made: list[Judgement] = []

    def run(self, pairs: Sequence[queue.Pair]) -> None:
        """Ask about each pair, until all are judged or the person leaves."""
        at, comment = 0, ""
        while at < len(pairs):
            sides = shown(self.store, pairs[at], self.settings.message_language)
            self.say(self.words["left"].format(at + 1, len(pairs)))
            out.print(table(sides))
            if self.openly:
                self.opinions(pairs[at])
            action = self.asked()
            if action == "comment":
                comment = self.comment()
            elif action == "undo":
                at -= self.undo(pairs, at)
            elif action == "quit":
                break
            else:
                if action != "skip":
                    self.decide(action, pairs[at], sides, comment)
                comment, at = "", at + 1
        self.say(self.words["end"].format(len(self.made), len(pairs) - len(self.made)))
        both, same = queue.agreement(self.judgements, self.name)
        if both:
            self.say(self.words["agree"].format(same, both))

    def asked(self) -> str:
        """What the person wants; another key asks again."""
        self.say(self.words["ask"])
        return chosen_key(self.words["keys"])

    def comment(self) -> str:
        """A line that is published with the next decision."""
        out.print(self.words["comment"], end="", highlight=False)
        try:
            wait_for_input()
            return free_text(sys.stdin.readline(), self.name)
        except UsageError as problem:
            from clirld.cli.terminal import print_error

            print_error(problem)
            return ""

    def decide(self, says: str, pair: queue.Pair, sides: Sequence[Shown], comment: str) -> None:
        """Write a decision, and show what others think now that it is made."""
        told: Says = says  # type: ignore[assignment]
        evidence = f"clirld {self.version}: " + " | ".join(", ".join(side.sources) for side in sides)
        one = Judgement(told, *pair, self.name, today(), comment, evidence,
                        subject_label=sides[0].name, object_label=sides[1].name).named()  # fmt: skip
        append(self.settings, [one])
        self.judgements.append(one)
        self.made.append(one)
        self.say(self.words["said"].format(one.id, self.words["says"][says]))
        if not self.openly:
            self.opinions(pair)

    def opinions(self, pair: queue.Pair) -> None:
        """What the machine and other people say of a pair."""
        if row := self.candidates.get(pair):
            self.say(self.words["machine"].format(row["verdict"], row["kinds"] or "–", row["score"] or "–"))
        for one in in_force(self.judgements):
            if one.pair == pair and one.author != self.name:
                self.say(self.words["said"].format(one.author, self.words["says"][one.says]))

    def undo(self, pairs: Sequence[queue.Pair], at: int) -> int:
        """Withdraw the last decision; gives how many pairs to go back."""
        if not self.made:
            self.say(self.words["nothing"])
            return 0
        last = self.made.pop()
        taken = withdrawal(last, self.name, today())
        append(self.settings, [taken])
        self.judgements.append(taken)
        self.say(self.words["undone"])
        return at - pairs.index(last.pair)

    def say(self, text: str) -> None:
        """Tell something, whatever signs are in it."""
        out.print(text, highlight=False, markup=False, soft_wrap=True)
