"""One publication: what differs is sent, brought to its place, and counted.

Two ways. By a swap, where the store takes updates and holds a release already: graphs go into staging graphs, are
counted there, and one update request moves them all and writes the state. In place, else: graph after graph, and the
state says so until the end. Either way the state names what is not certain before it becomes so, so that the next run,
of this release or another, here or elsewhere, sends that again and clears what was left over.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from clirld.errors import PublishError
from clirld.publish import state as states
from clirld.publish.client import LostAnswerError
from clirld.publish.graphs import DEFAULT, ReleaseGraph
from clirld.publish.state import GRAPH, Part, State
from clirld.publish.target import Target

STAGING = "urn:clirld:staging:"
"""How the names of staging graphs begin."""

Tell = Callable[[str, str, int], None]
"""Told of each step: what is done (sent, deleted, swapped, cleared), to which graph, how many triples."""


@dataclass(slots=True)
class Outcome:
    """What was done. `before` is what the store held whole; `resumed`: an earlier run had not come to its end.

    `found` are the releases that something of may have been there: that one, and the one an earlier run was bringing.
    `mended` are the graphs that had not as many triples as were put there, and `counted` all, with theirs.
    """

    release: str
    before: str | None
    found: tuple[str, ...]
    resumed: bool
    swapped: bool = False
    sent: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    counted: dict[str, int] = field(default_factory=dict)


def publish(
    target: Target,
    release: str,
    graphs: Sequence[ReleaseGraph],
    *,
    groups: tuple[str, ...] = (),
    in_place: bool = False,
    tell: Tell = lambda _what, _graph, _triples: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Bring the graphs of a release into a store, and count them there; `groups`: as in State.

    Raises PublishError, after which the state of the store says how far it came.
    """
    found = target.state()
    publication = _Publication(target, release, graphs, groups, found, tell, now)
    # What nobody has read yet cannot be torn: a first publication needs no swap.
    publication.run(by_swap=bool(target.endpoints.update and found and found.held and not in_place))
    return publication.outcome


class _Publication:
    def __init__(
        self,
        target: Target,
        release: str,
        graphs: Sequence[ReleaseGraph],
        groups: tuple[str, ...],
        found: State | None,
        tell: Tell,
        now: Callable[[], datetime],
    ) -> None:
        self._target, self._graphs, self._tell, self._now = target, graphs, tell, now
        before = found.held if found else None
        there = tuple(dict.fromkeys(one for one in (before, found.release) if one)) if found else ()
        self.outcome = Outcome(release, before, there, resumed=found is not None and found.ended is None)
        parts, staging = (dict(found.parts), dict(found.staging)) if found else ({}, {})
        is_same = found is not None and (found.release, found.groups) == (release, groups)
        self._was_done = found is not None and found.ended is not None and is_same and not staging
        self._state = State(uuid.uuid4().hex, release, self._time(), None, before, parts, staging, groups)
        wanted = {graph.iri for graph in graphs}
        stated = {one.iri for one in graphs if one.iri in parts and parts[one.iri].sha256 == one.sha256}
        # What somebody has changed there is sent anew with the rest, and not found when all else is done.
        self.outcome.counted = {
            one.iri: one.triples for one in graphs if one.iri in stated and target.count(one.iri) == one.triples
        }
        self.outcome.mended = sorted(stated - self.outcome.counted.keys())
        self._changed = [one for one in graphs if one.iri not in self.outcome.counted]
        self._gone = [iri for iri in parts if iri not in wanted]

    def run(self, *, by_swap: bool) -> None:
        if self._was_done and not self._changed and not self._gone:
            return
        if by_swap:
            self._stage()
            self._swap()
        else:
            self._replace()
        self._verify()
        self._clear([*self._state.staging])
        if not self._state.ended or self.outcome.cleared:
            self._write(ended=self._time(), before=None)

    def _replace(self) -> None:
        """Graph after graph, in place."""
        self._begin({}, self._uncertain())
        is_first = self._state.before is None
        for graph in self._changed:
            self._require_ours()
            self._target.put(graph, graph.iri, unread=is_first)
            self._count(graph.iri, graph.triples)
            self._sent(graph)
            self._write(parts={**self._state.parts, graph.iri: Part(graph.triples, graph.sha256)})
        for iri in self._gone:
            self._require_ours()
            self._target.delete(iri)
            self._deleted(iri)
            self._write(parts={name: part for name, part in self._state.parts.items() if name != iri})

    def _stage(self) -> None:
        """Graph after graph, where nobody reads them; one that an earlier run left whole there is taken as it is."""
        whole = {_staging(graph): Part(graph.triples, graph.sha256) for graph in self._changed}
        left = {iri: part for iri, part in whole.items() if self._state.staging.get(iri) == part}
        self._begin({iri: left.get(iri, Part(part.triples)) for iri, part in whole.items()}, self._state.parts)
        for graph in self._changed:
            iri = _staging(graph)
            if iri in left and self._target.count(iri) == graph.triples:
                continue
            self._target.put(graph, iri, unread=True)
            self._count(iri, graph.triples)
            self._sent(graph)
            self._write(staging={**self._state.staging, iri: whole[iri]})

    def _swap(self) -> None:
        """All to their places, in one request, with the new state as its last part."""
        self._write(parts=self._uncertain())
        moves = self._target.endpoints.swap == "move"
        after = replace(
            self._state,
            parts={graph.iri: Part(graph.triples, graph.sha256) for graph in self._graphs},
            staging={} if moves else self._state.staging,
            ended=self._time(),
            before=None,
        )
        bring = _move if moves else _difference
        steps = [bring(_staging(graph), graph.iri) for graph in self._changed]
        steps += [f"DROP SILENT {_target_name(iri)}" for iri in self._gone]
        triples = "".join(states.written(after))
        steps += [f"DROP SILENT GRAPH <{GRAPH}>", f"INSERT DATA {{ GRAPH <{GRAPH}> {{\n{triples}}} }}"]
        try:
            self._target.update(self._target.endpoints.prologue + " ;\n".join(steps))
        except LostAnswerError:
            found = self._target.state()
            if not found or found.run != self._state.run or not found.ended:
                raise
        self._state = after
        self.outcome.swapped = True
        if self._changed:
            self._tell("swapped", "", sum(graph.triples for graph in self._changed))
        for iri in self._gone:
            self._deleted(iri)

    def _begin(self, planned: Mapping[str, Part], parts: Mapping[str, Part]) -> None:
        """Say what is under way, before anything is; and clear what an earlier run left and this one has no use for."""
        left = [iri for iri in self._state.staging if iri not in planned]
        self._write_over(staging={**{iri: Part(0) for iri in left}, **planned}, parts=parts)
        found = self._target.state()
        # Not the times: a store may write them in its own way.
        if found is None or replace(found, started=self._state.started) != self._state:
            raise PublishError(
                "the store does not keep what it is given: its state, read back, is another",
                where=self._target.endpoints.graphs,
                do="see whether another publication is under way, and whether this account may write",
            )
        self._clear(left)

    def _uncertain(self) -> dict[str, Part]:
        """The graphs as they are said to be while those that change are changed."""
        changed = {graph.iri: Part(graph.triples) for graph in self._changed}
        gone = {iri: Part(self._state.parts[iri].triples) for iri in self._gone}
        return {**self._state.parts, **changed, **gone}

    def _verify(self) -> None:
        """Count every graph that was put. Raises PublishError for the first that is not whole, and marks all such."""
        problems: dict[str, PublishError] = {}
        for graph in self._changed:
            try:
                self._count(graph.iri, graph.triples)
                self.outcome.counted[graph.iri] = graph.triples
            except _CountError as problem:
                problems[graph.iri] = problem
        if problems:
            parts = {
                iri: replace(part, sha256=None) if iri in problems else part for iri, part in self._state.parts.items()
            }
            self._write_over(parts=parts, ended=None, before=self.outcome.before)
            raise next(iter(problems.values()))

    def _count(self, iri: str, expected: int) -> None:
        counted = self._target.count(iri)
        if counted != expected:
            raise _CountError(
                f"the graph {iri} has {counted:,} triples, and should have {expected:,}",
                where=self._target.endpoints.graphs,
                do="run the same command again, which sends that graph anew; if it stays so, see “When the count "
                "differs” in docs/operate.md",
            )

    def _clear(self, staging: Sequence[str]) -> None:
        for iri in staging:
            self._target.delete(iri)
            self.outcome.cleared.append(iri)
            self._tell("cleared", iri, 0)
        self._state = replace(
            self._state, staging={iri: part for iri, part in self._state.staging.items() if iri not in staging}
        )

    def _require_ours(self) -> None:
        found = self._target.state()
        if not found or found.run != self._state.run:
            raise PublishError(
                "another publication has begun meanwhile, and goes on where this one was",
                where=self._target.endpoints.graphs,
                do=f"wait for its end; then delete the graph {GRAPH} there, and run this command again: it sends "
                "everything anew",
            )

    def _write(self, **changes: object) -> None:
        self._require_ours()
        self._write_over(**changes)

    def _write_over(self, **changes: object) -> None:
        state = replace(self._state, **changes)  # type: ignore[arg-type]
        self._target.write_state(state)
        self._state = state

    def _sent(self, graph: ReleaseGraph) -> None:
        self.outcome.sent[graph.iri] = graph.triples
        self._tell("sent", graph.iri, graph.triples)

    def _deleted(self, iri: str) -> None:
        self.outcome.deleted.append(iri)
        self._tell("deleted", iri, 0)

    def _time(self) -> str:
        return self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class _CountError(PublishError):
    pass


def _staging(graph: ReleaseGraph) -> str:
    name = "default-graph" if graph.iri == DEFAULT else graph.iri.rpartition("/")[2]
    return f"{STAGING}{name}:{graph.sha256}"


def _target_name(iri: str) -> str:
    return "DEFAULT" if iri == DEFAULT else f"GRAPH <{iri}>"


def _move(staging: str, iri: str) -> str:
    return f"MOVE GRAPH <{staging}> TO {_target_name(iri)}"


def _difference(staging: str, iri: str) -> str:
    new = f"GRAPH <{staging}> {{ ?s ?p ?o }}"
    old = "?s ?p ?o" if iri == DEFAULT else f"GRAPH <{iri}> {{ ?s ?p ?o }}"
    return (
        f"DELETE {{ {old} }} WHERE {{ {old} FILTER NOT EXISTS {{ {new} }} }} ;\n"
        f"INSERT {{ {old} }} WHERE {{ {new} FILTER NOT EXISTS {{ {old} }} }}"
    )
