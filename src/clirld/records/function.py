"""Loading of a source's `records.py`, for sources whose columns are not enough.

It may import modules beside it: `from .boundaries import Boundaries`. None stays in `sys.modules`, so that two sources
may have modules of one name; nothing compiled is read or written, since the fingerprint of a harvest is of the sources.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType
from typing import cast
from uuid import uuid4

from clirld.errors import CardError
from clirld.read.rows import Dropped, Made, Noticed, SourceRow

RecordsFunction = Callable[[Mapping[str, Iterable[SourceRow]]], Iterator[Made | Dropped | Noticed]]


def load_function(path: Path) -> RecordsFunction:
    """The function `records` of a source's records.py. Raises CardError where there is none or it cannot be loaded."""
    package = f"source_{uuid4().hex}"
    try:
        with _importable(package, path.parent):
            module = _module(package, path)
    except Exception as problem:  # whatever a source's own code raises becomes a message
        raise CardError(f"cannot be loaded: {problem!r}", where=str(path), do="mend the Python in it") from problem
    function = getattr(module, "records", None)
    if not callable(function):
        raise CardError("has no function records(rows)", where=str(path), do="see docs/add-a-source.md")
    return cast(RecordsFunction, function)


def _module(package: str, path: Path) -> ModuleType:
    loader = _Loader(package, str(path))
    spec = spec_from_file_location(package, path, loader=loader, submodule_search_locations=[str(path.parent)])
    assert spec  # since it has a loader
    module = sys.modules[package] = module_from_spec(spec)
    loader.exec_module(module)
    return module


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        return compile(self.get_data(self.path), self.path, "exec", dont_inherit=True)


class _Beside(MetaPathFinder):
    """Finds the modules beside a records.py, and no others."""

    def __init__(self, package: str, folder: Path) -> None:
        self.package = package
        self.folder = folder

    def find_spec(self, fullname: str, path: object, target: ModuleType | None = None) -> ModuleSpec | None:
        package, _dot, name = fullname.rpartition(".")
        file = self.folder / f"{name}.py"
        if package != self.package or not file.is_file():
            return None
        return spec_from_file_location(fullname, file, loader=_Loader(fullname, str(file)))


@contextmanager
def _importable(package: str, folder: Path) -> Iterator[None]:
    finder = _Beside(package, folder)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
            del sys.modules[name]
