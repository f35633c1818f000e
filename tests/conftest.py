"""Fixtures shared by all tests. Prefer the smallest data that shows the point, made inline."""

from __future__ import annotations

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def project() -> Path:
    """The project's own folder."""
    return PROJECT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real registries beside the project; tests that need it are skipped elsewhere."""
    folder = PROJECT.parent / "shared"
    if not (folder / "registries").is_dir():
        pytest.skip("no ../shared beside the project: real registries are not here")
    return folder
