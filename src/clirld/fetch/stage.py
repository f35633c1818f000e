"""The fetch stage of one source: the bytes of every distribution that makes records, each as a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from clirld.card.source import Source
from clirld.errors import DataError
from clirld.fetch.client import WebClient
from clirld.fetch.download import fetch_distribution
from clirld.fetch.http_body import HttpSettings
from clirld.fetch.location import Inbox, LocalFile, Location, MirrorFile, SampleFile, Service, TableFile, WebFile
from clirld.fetch.mirror import in_mirror, mirror_file
from clirld.settings import Settings
from clirld.snapshot.store import Snapshot
from clirld.vocabulary.terms import Licence


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distributions are taken from: the network (neither is given), a mirror's folder, or the samples."""

    mirror: Path | None = None
    sample: bool = False

    def passes_over(self, source: Source) -> list[str]:
        """The distributions of a source that are kept by hand in its folder, and so not taken from the mirror."""
        names = dict.fromkeys(rows.source for rows in source.card.records)
        return [name for name in names if source.card.distributions[name].path] if self.mirror else []

    def includes(
        self, source: Source, sources: Mapping[str, Source] = MappingProxyType({}), inboxes: Path | None = None
    ) -> bool:
        """Whether a run of all sources takes this one; one that is made of tables of `sources` is taken with them.

        A mirror need not have every source. From the network, a source whose columns or licence are not confirmed is
        only taken when a person names it; nor is one for which nothing lies in the `inboxes`, the folder of all of
        them. Raises FetchError where the mirror's index is wrong.
        """
        if not all(self.includes(sources[name], sources, inboxes) for name in source.harvested if name in sources):
            return False
        remote_distributions = {
            rows.source: one
            for rows in source.card.records
            if not (one := source.card.distributions[rows.source]).path and not one.harvested
        }
        if self.sample or not remote_distributions:
            return True
        if not self.mirror:
            return source.card.status == "active" and not (inboxes and _waits_for_a_file(source, inboxes))
        return any(
            in_mirror(self.mirror, source.id, name, one.address, one.copy_)
            for name, one in remote_distributions.items()
        )


def _waits_for_a_file(source: Source, inboxes: Path) -> bool:
    names = {rows.source for rows in source.card.records if source.card.distributions[rows.source].inbox}
    return any(not list((inboxes / source.id).glob(f"{name}.*")) for name in names)


def fetch(
    source: Source,
    origin: Origin,
    settings: Settings,
    licences: Mapping[str, Licence],
    harvested: Mapping[str, Path] = MappingProxyType({}),
) -> dict[str, Snapshot]:
    """The snapshots of a source by distribution, kept under `data/snapshots`; `licences` are the project's, by IRI.

    `harvested` has the canonical tables of other sources that it is made of, by their ids.

    One client and one budget for all of them. Raises FetchError for what cannot be had whole, DataError where a sample
    is asked for and there is none.
    """
    http = http_settings(settings)
    client = WebClient(http)
    portal_codes = {licence.datagouv: iri for iri, licence in licences.items() if licence.datagouv}
    return {
        name: fetch_distribution(
            source.id,
            name,
            locate(source, name, origin, settings.inbox, harvested),
            settings.data / "snapshots",
            http,
            license=source.card.license,
            expect=source.card.distributions[name].expects,
            client=client,
            codes=portal_codes,
            portal=settings.datagouv,
        )
        for name in dict.fromkeys(rows.source for rows in source.card.records)
    }


def http_settings(settings: Settings) -> HttpSettings:
    """The part of the settings that is about the network."""
    return HttpSettings(
        contact=settings.contact,
        connect_timeout=settings.connect_timeout,
        read_timeout=settings.read_timeout,
        retries=settings.retries,
        max_bytes=settings.max_bytes,
        max_run_bytes=settings.max_run_bytes,
        hosts=settings.data / "hosts",
    )


def locate(
    source: Source, name: str, origin: Origin, inbox: Path, harvested: Mapping[str, Path] = MappingProxyType({})
) -> Location:
    """Where the distribution `name` of a source is, for this origin; `inbox` is the folder of all inboxes."""
    distribution = source.card.distributions[name]
    if origin.sample:
        sample = source.sample(name)
        if sample is None:
            raise DataError(
                f"no sample for distribution {name}",
                where=str(source.folder),
                do=f"add sample.{distribution.format} or sample/{name}.{distribution.format}",
            )
        return SampleFile(sample)
    if table := distribution.harvested:
        if table.source not in harvested:
            raise DataError(
                f"{table.source} has not been harvested, whose table {table.table} this is made of",
                where=f"source {source.id}",
                do=f"run “clirld run {table.source}” first, or name both",
            )
        return TableFile(harvested[table.source], table.table)
    if distribution.path:
        return LocalFile(source.folder / distribution.path)
    if origin.mirror:
        address = distribution.address
        return MirrorFile(mirror_file(origin.mirror, source.id, name, address, distribution.copy_), address)
    if distribution.inbox:
        return Inbox(inbox / source.id)
    url, headers, dataset = distribution.address or "", distribution.headers, distribution.dataset
    if distribution.connector:
        return Service(url, distribution.connector, distribution.items, source.folder, headers, dataset)
    return WebFile(url, headers, dataset)
