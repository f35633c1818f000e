"""The SHACL engine: PyPI `shacl`, in Rust; pySHACL where that cannot be imported, many times slower.

Both give the same results, in the same order and to the byte: `tests/validate/test_engines.py`.
"""

from __future__ import annotations

from functools import cache
from importlib import metadata
from types import ModuleType

from clirld.errors import MappingError, ShapesError
from clirld.validate.shacl import Result, Shapes, turtle_triples


def validate_batch(shapes: Shapes, quads: bytes) -> list[Result]:
    """Results of the shapes on a batch of N-Quads, whose graphs are seen as one; sorted.

    Raises ShapesError where the engine cannot run the shapes, MappingError where the batch is not N-Quads.
    """
    engine = _engine()
    try:
        return sorted(engine.results(shapes.triples, quads))
    except MappingError:
        raise
    except Exception as problem:  # pySHACL raises many kinds, and asserts
        raise ShapesError(
            f"{engine.NAME} cannot run the shapes: {type(problem).__name__}: {problem}",
            where=_where(shapes, quads, engine),
            do="undo the last change of the shapes files, or test them with “pytest tests/shapes”",
        ) from problem


def version() -> str:
    """Name and version of the engine: results of another one are not taken for this one's."""
    name = _engine().NAME
    return f"{name} {metadata.version(name)}"


def is_fallback() -> bool:
    """Whether it is the slow one, since the other cannot be imported."""
    return version().startswith("pySHACL ")


# Imported when something is validated: commands that query or link need neither.
@cache
def _engine() -> ModuleType:
    try:
        from clirld.validate import rust_engine
    except ImportError:
        from clirld.validate import pyshacl_engine

        return pyshacl_engine
    return rust_engine


def _where(shapes: Shapes, quads: bytes, engine: ModuleType) -> str:
    """The files that cannot be run by themselves, or the folder of all."""
    failing = []
    for path in sorted(shapes.folder.glob("*.ttl")):
        try:
            list(engine.results(turtle_triples(path), quads))
        except Exception:
            failing.append(str(path))
    return ", ".join(failing) or str(shapes.folder)
