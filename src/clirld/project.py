"""A project: the settings with everything they point at, read and checked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from clirld import stages
from clirld.card import source
from clirld.card.source import Source
from clirld.errors import ClirldError, UsageError
from clirld.map import yarrrml
from clirld.map.yarrrml import RdfMapping
from clirld.settings import Settings
from clirld.validate.graph import Shapes
from clirld.vocabulary import tables
from clirld.vocabulary.tables import Tables
from clirld.vocabulary.terms import Vocabulary


@dataclass(frozen=True, slots=True)
class Project:
    """What every stage may need."""

    settings: Settings
    tables: Tables
    vocabulary: Vocabulary
    mapping: RdfMapping
    shapes: Shapes
    sources: dict[str, Source]
    card_errors: dict[str, ClirldError]
    """Sources whose card cannot be used: their errors are reported, and do not stop the others."""

    @classmethod
    def load(cls, settings: Settings) -> Project:
        """Read ontology, tables, mapping, shapes and source cards; raises the error of whichever is wrong."""
        vocabulary, canonical_tables, mapping = _model(settings.ontology, _folder_fingerprint(settings.ontology))
        sources, card_errors = source.load_all(settings.sources, canonical_tables, vocabulary)
        return cls(
            settings=settings,
            tables=canonical_tables,
            vocabulary=vocabulary,
            mapping=mapping,
            shapes=_shapes(settings.shapes, _folder_fingerprint(settings.shapes)),
            sources=sources,
            card_errors=card_errors,
        )

    def select(self, names: Sequence[str]) -> list[Source]:
        """Sources by id, in the order they are run.

        Raises UsageError for one that is not there, and the error of a card that cannot be used.
        """
        for name in names:
            if name in self.card_errors:
                raise self.card_errors[name]
            if name not in self.sources:
                suggestions = get_close_matches(name, self.sources, n=1)
                suggestion = f"did you mean {suggestions[0]}? " if suggestions else ""
                raise UsageError(
                    f"no source {name}",
                    where=str(self.settings.sources),
                    do=f"{suggestion}There are: {', '.join(self.sources)}",
                )
        return [one for name, one in self.sources.items() if name in names]


# What these two give is never changed, and reading it is two thirds of loading a project. A process that runs many
# sources loads one for each: files are read again only where one of their folder is another than before.


@lru_cache(maxsize=2)
def _model(ontology: Path, _fingerprint: str) -> tuple[Vocabulary, Tables, RdfMapping]:
    vocabulary = Vocabulary.load(ontology)
    canonical_tables = tables.load(ontology / "tables.yaml")
    mapping = yarrrml.load(ontology / "mapping.yarrrml", canonical_tables, vocabulary.terms)
    return vocabulary, canonical_tables, mapping


@lru_cache(maxsize=2)
def _shapes(folder: Path, _fingerprint: str) -> Shapes:
    return Shapes.load(folder)


def _folder_fingerprint(folder: Path) -> str:
    """Fingerprint of the places and contents of all files below a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return stages.fingerprint(*(part for path in paths for part in (str(path.relative_to(folder)), path.read_bytes())))
