"""What a server counts of itself while it runs, in a registry of its own.

One process takes all requests and hears how each query of the query processes ended, so one count holds them all,
whichever process a query ran in and however that one ended. Several servers are added up by Prometheus (`sum by`).
Labels are from short closed lists: never a query, an address or anything else that a visitor has sent.
"""

from __future__ import annotations

import logging

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from clirld import logs
from clirld.query.worker_pool import Ended, WorkerPool

log = logging.getLogger("clirld.serve")

_BOUNDS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0)
"""Seconds; 0.1 is the slice of a short query, 15 the longest that one waits for a place."""

_OF_A_QUERY = frozenset({"timeout", "memory", "busy"})
"""Failures that are limits of a query that was to run; the pool tells of them, also where an answer had begun."""
_OF_A_REQUEST = frozenset({"too-long", "head-too-long", "slow-request", "slow-search", "nesting", "text-query-limit"})
"""Failures that are limits of any other request."""
_OF_THE_SERVER = frozenset({"worker", "store", "damaged", "internal"})
"""Failures that somebody has to look at: they are warnings in the log."""


class Counts:
    """The counters of one server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._queries = Counter(
            "clirld_queries",
            "Queries by the lane that they were answered in, and by how they ended: answered, or the kind of failure.",
            ["lane", "outcome"],
            registry=self.registry,
        )
        self._waits = Histogram(
            "clirld_query_wait_seconds",
            "How long queries waited for a place.",
            ["lane"],
            buckets=_BOUNDS,
            registry=self.registry,
        )
        self._seconds = Histogram(
            "clirld_query_seconds",
            "How long queries had a place.",
            ["lane"],
            buckets=_BOUNDS,
            registry=self.registry,
        )
        self._limits = Counter("clirld_limits", "Limits that were hit.", ["limit"], registry=self.registry)
        self._responses = Counter("clirld_responses", "Answers by status.", ["status"], registry=self.registry)
        # What is counted for most requests is looked up once.
        self._repeated = self._queries.labels("repeated", "answered")
        self._at_once = self._responses.labels("200")

    def watch(self, pool: WorkerPool) -> None:
        """Tell also how many queries of a pool run and wait at the moment."""
        running = Gauge("clirld_queries_running", "Queries that run now.", ["lane"], registry=self.registry)
        running.labels("long").set_function(lambda: pool.long_running)
        running.labels("other").set_function(lambda: pool.running - pool.long_running)
        waiting = Gauge("clirld_queries_waiting", "Queries that wait for a place now.", registry=self.registry)
        waiting.set_function(lambda: pool.waiting)

    def ended(self, query: Ended) -> None:
        """A query that was to run has ended."""
        self._queries.labels(query.lane, query.outcome).inc()
        self._waits.labels(query.lane).observe(query.waited)
        self._seconds.labels(query.lane).observe(query.seconds)
        if query.outcome in _OF_A_QUERY:
            self.limit(query.outcome)
        logs.event(
            log,
            "query",
            level=logging.WARNING if query.outcome in _OF_THE_SERVER else logging.INFO,
            lane=query.lane,
            outcome=query.outcome,
            waited=round(query.waited, 4),
            seconds=round(query.seconds, 4),
            release=query.release,
        )

    def answered(self, lane: str, outcome: str = "answered") -> None:
        """A query was answered without one of the query processes."""
        self._queries.labels(lane, outcome).inc()

    def repeated(self) -> None:
        """A request came again to the byte."""
        self._repeated.inc()

    def refused(self, kind: str) -> None:
        """A query did not come to run."""
        self._queries.labels("refused", kind).inc()

    def failed(self, kind: str) -> None:
        """Somebody was told of a failure."""
        if kind in _OF_A_REQUEST:
            self.limit(kind)

    def limit(self, name: str) -> None:
        """A limit was hit."""
        self._limits.labels(name).inc()

    def at_once(self) -> None:
        """A request was answered from its bytes."""
        self._at_once.inc()

    def response(self, status: int) -> None:
        """An answer has begun."""
        self._responses.labels(str(status)).inc()
