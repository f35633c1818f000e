"""Metrics in the text format of Prometheus, at an address of their own: they are the operator's, not a visitor's.

What the server counts is joined by what is looked up when it is asked: the release, its sources and its rows, the last
harvests. Times are given as they are; how old something is, the one who asks computes (`time() - …`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from clirld.errors import UsageError
from clirld.harvest.state import due, moment, states
from clirld.web.operation.health import Health, frequencies_of
from clirld.web.release import ServedRelease, current

_FATES = {"rows_in": "read", "published": "published", "held": "held", "dropped": "dropped"}


class OfTheData(Collector):
    """What a data folder and the release in it say."""

    def __init__(self, data: Path, health: Health) -> None:
        self._data = data
        self._health = health

    def describe(self) -> Iterator[Metric]:
        """Nothing: so that nothing is looked up to be registered."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The families of metrics, looked up now."""
        yield from self._of_sources()
        release = current(self._data)
        ready = GaugeMetricFamily("clirld_ready", "1: the release can be asked; 0: it cannot.")
        degraded = GaugeMetricFamily("clirld_degraded", "Things not as they should be, by kind.", labels=["kind"])
        if release is None:
            ready.add_metric([], 0)
            yield from (ready, degraded)
            return
        failure, reasons = self._health.look(release)
        ready.add_metric([], 0 if failure else 1)
        kinds = [one.kind for one in reasons]
        for kind in sorted(set(kinds)):
            degraded.add_metric([kind], kinds.count(kind))
        yield from (ready, degraded)
        yield from self._of_release(release)

    def _of_release(self, release: ServedRelease) -> Iterator[Metric]:
        info = GaugeMetricFamily("clirld_release_info", "The release that is served.", labels=["release", "version"])
        info.add_metric([release.id, str(release.manifest.get("version") or "")], 1)
        created = GaugeMetricFamily("clirld_release_created_timestamp_seconds", "When it was made.")
        if release.created:
            created.add_metric([], release.created.timestamp())
        quads = GaugeMetricFamily("clirld_release_quads", "Quads in it.")
        quads.add_metric([], float(release.manifest.get("quads") or 0))
        yield from (info, created, quads)
        rows = GaugeMetricFamily(
            "clirld_source_rows", "Rows of a source by what became of them.", labels=["source", "fate"]
        )
        retrieved = GaugeMetricFamily(
            "clirld_source_retrieved_timestamp_seconds", "When what is served of a source was had.", labels=["source"]
        )
        late = GaugeMetricFamily(
            "clirld_source_due_seconds", "How long after it was asked a source is late.", labels=["source"]
        )
        frequencies = frequencies_of(release)
        for source in release.manifest.get("sources") or []:
            name = str(source.get("id"))
            for key, fate in _FATES.items():
                rows.add_metric([name, fate], float(source.get(key) or 0))
            _add_time(retrieved, name, moment(source.get("retrieved")))
            wait = due(frequencies.get(name, ""))
            if wait and source.get("status", "active") == "active" and not source.get("sample"):
                late.add_metric([name], wait.total_seconds())
        yield from (rows, retrieved, late)

    def _of_sources(self) -> Iterator[Metric]:
        checked = GaugeMetricFamily(
            "clirld_source_checked_timestamp_seconds", "When a source was last asked with success.", labels=["source"]
        )
        failed = GaugeMetricFamily(
            "clirld_source_failed_timestamp_seconds",
            "When the last harvest of a source failed, and at which stage; not there where it did not.",
            labels=["source", "stage"],
        )
        guards = GaugeMetricFamily(
            "clirld_source_guard_findings", "Findings that keep the last harvest back.", labels=["source", "code"]
        )
        for name, state in states(self._data).items():
            _add_time(checked, name, state.checked)
            if state.failed:
                failed.add_metric([name, state.stage], state.failed.timestamp())
            for code, count in sorted(state.guards.items()):
                guards.add_metric([name, code], count)
        yield from (checked, failed, guards)


def _add_time(family: GaugeMetricFamily, source: str, when: datetime | None) -> None:
    if when:
        family.add_metric([source], when.timestamp())


@contextmanager
def listening(address: str, registry: CollectorRegistry) -> Iterator[str]:
    """Serve the metrics of a registry at `host:port` while the context is open, in a thread; gives their address.

    Nothing is served where the address is empty. Raises UsageError where it is none, or cannot be listened on.
    """
    if not address:
        yield ""
        return
    host, _, port = address.rpartition(":")
    if not (host and port.isascii() and port.isdigit()):
        raise UsageError(
            "this is no address", where=f"CLIRLD_METRICS={address}", do="give host:port, as in 127.0.0.1:9464"
        )
    try:
        server, thread = start_http_server(int(port), host.strip("[]"), registry=registry)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"cannot listen there: {reason}", where=f"CLIRLD_METRICS={address}", do="choose another port, or unset it"
        ) from error
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
