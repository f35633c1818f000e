"""The comparison of what is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from clirld.reuse.comparison.cases import case_groups
from clirld.reuse.comparison.initiatives import initiative_groups
from clirld.reuse.comparison.model import Comparison, Group, shared_and_own
from clirld.reuse.comparison.territories import pairs, rule, territory_groups
from clirld.reuse.comparison.things import things
from clirld.reuse.comparison.wording import say
from clirld.reuse.facts import TERRITORY, Facts
from clirld.reuse.names import names_of
from clirld.reuse.told import Told, told

_UNASKED = ("communes", "inhabitants", "situation")
"""Rows that are of some kinds of territory only: nobody asks for them where no territory has them."""


def compare(
    facts: Facts, release: Path, given: Sequence[str], told_of: Callable[[Facts, str], Told] = told
) -> Comparison:
    """Two to four things side by side, from the store and the folder of a release.

    `told_of` gives what is told of a case, by its IRI: for whoever has it at hand.

    `given` are IRIs, their ends, or codes or names of territories. Raises Refused (`clirld.reuse.places`) where one is
    not there, is gone or divided, where they are not of one kind, or not two to four.
    """
    kind, found, notes = things(facts, given, names_of(release))
    groups: list[Group]
    alike, by_rule = [], None
    if kind == "territory":
        groups = territory_groups(facts, release, found)
        alike, by_rule = pairs(facts, release, found), rule(facts)
        levels = {one.iri.removeprefix(TERRITORY).rpartition("-")[0] for one in found}
        if len(levels) > 1:
            notes.append(say("levels", facts.language))
        if levels - {"epci", "commune"}:
            notes.append(say("no-figures-of", facts.language))
        if not alike:
            notes.append(say("no-likeness", facts.language))
    elif kind == "case":
        groups = case_groups(facts, [told_of(facts, one.iri) for one in found])
    else:
        groups = initiative_groups(facts, [one.iri for one in found])
    said = [
        Group(group.name, group.label, rows) for group in groups if (rows := [row for row in group.rows if row.is_said])
    ]
    unsaid = [row.label for group in groups for row in group.rows if not row.is_said and row.name not in _UNASKED]
    if unsaid:
        notes.append(
            say("unsaid-of-all", facts.language, labels=", ".join(f"{one[:1].lower()}{one[1:]}" for one in unsaid))
        )
    shared, own = shared_and_own(said)
    return Comparison(kind, found, notes, shared, own, said, alike, by_rule)
