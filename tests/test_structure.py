"""The size of the rooms: folders of at most 20 modules, modules of at most 350 lines."""

from __future__ import annotations

from collections import Counter

from tests.conftest import PROJECT

MODULES = [path for folder in ("src/clirld", "pipelines") for path in sorted((PROJECT / folder).rglob("*.py"))]


def test_no_folder_has_more_than_20_modules() -> None:
    counts = Counter(path.parent for path in MODULES)
    assert [str(folder) for folder, count in counts.items() if count > 20] == []


def test_no_module_has_more_than_350_lines() -> None:
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [str(path) for path, lines in sizes.items() if lines > 350] == []
