"""`ro-crate-metadata.json`: a release as an RO-Crate (version 1.1), which research repositories take and show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clirld import stages
from clirld.release.licensing import COMPILATION, STATEMENT, group_licence
from clirld.settings import BASE

FILE = "ro-crate-metadata.json"
FOLDERS = ("dump", "tables", "extracts", "vocabulary")
_PROFILE = "https://w3id.org/ro/crate/1.1"
_FORMATS = {
    ".nq.gz": "application/n-quads",
    ".jsonld.gz": "application/ld+json",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".graphml": "application/graphml+xml",
    ".gpkg": "application/geopackage+sqlite3",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".ttl": "text/turtle",
    ".rq": "application/sparql-query",
}


def write(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write it into the folder of a release whose files are there; `manifest` is what is known of it so far."""
    files = list(_files(folder, _licences(manifest)))
    licences = sorted({one["license"]["@id"] for one in files if "license" in one} | {COMPILATION})
    publisher = {"@id": BASE, "@type": "Organization", "name": "clirld", "url": BASE}
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"clirld {manifest['version']}",
        "description": f"{STATEMENT['en']}\n\n{STATEMENT['fr']}",
        "identifier": f"{BASE}release/{manifest['id']}/",
        "version": manifest["version"],
        "datePublished": manifest["created"],
        "license": {"@id": COMPILATION},
        "publisher": {"@id": BASE},
        "hasPart": [{"@id": one["@id"]} for one in files],
    }
    descriptor = {
        "@id": FILE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _PROFILE},
        "about": {"@id": "./"},
    }
    graph = [descriptor, root, publisher, *({"@id": one, "@type": "CreativeWork"} for one in licences), *files]
    stages.write_json(folder / FILE, {"@context": f"{_PROFILE}/context", "@graph": graph})


def _licences(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Licence by the beginning of the paths that are under it, for files that are under one."""
    by_start = {f"dump/{one['id']}.": one["license"]["iri"] for one in manifest["sources"]}
    for group in manifest["rights"]["groups"]:
        if licence := group_licence(group["id"], group["licenses"]):
            starts = (
                group["tables"],
                f"extracts/{group['id']}/",
                *(f"dump/{name}-{group['id']}." for name in ("clirld", "accounting", "derived", "links")),
            )
            by_start |= dict.fromkeys(starts, licence)
    own = (*(f"dump/{name}." for name in ("ontology", "concepts", "catalog")), "vocabulary/")
    return by_start | dict.fromkeys(own, COMPILATION)


def _files(folder: Path, licences: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for path in sorted(path for name in FOLDERS for path in (folder / name).rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        media = next((media for end, media in _FORMATS.items() if name.endswith(end)), None)
        licence = next((one for start, one in licences.items() if name.startswith(start)), None)
        yield {
            "@id": name,
            "@type": "File",
            "name": name,
            "contentSize": str(path.stat().st_size),
            **({"encodingFormat": media} if media else {}),
            **({"license": {"@id": licence}} if licence else {}),
        }
