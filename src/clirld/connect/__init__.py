"""Connectors: how a registry that is not one plain file is asked, one module a protocol.

A connector is a part of a distribution in source.yaml: its fields say what to ask, its `collect` asks. What it
collects are the answers exactly as they came, one after another, so that the snapshot is what the registry said and
a single answer, kept in a mirror or as a sample, reads the same way. Whatever is not whole is a FetchError.
"""

from clirld.connect.arcgis import ArcGis
from clirld.connect.base import Client, CollectRequest, CollectResult, Connector, Response
from clirld.connect.gogocarto import GoGoCarto
from clirld.connect.opendatasoft import Opendatasoft
from clirld.connect.overpass import Overpass
from clirld.connect.paged import Paged
from clirld.connect.sparql import Sparql
from clirld.connect.umap import UMap

__all__ = [
    "ArcGis",
    "Client",
    "CollectRequest",
    "CollectResult",
    "Connector",
    "GoGoCarto",
    "Opendatasoft",
    "Overpass",
    "Paged",
    "Response",
    "Sparql",
    "UMap",
]
