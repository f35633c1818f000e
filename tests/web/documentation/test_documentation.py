"""The documentation as it was built is served under /docs, with a policy that lets its search run and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette

from clirld.web.documentation.routes import is_built, routes


@pytest.fixture
def get(tmp_path: Path) -> Callable[[str], httpx.Response]:
    (tmp_path / "fr").mkdir()
    (tmp_path / "index.html").write_text("<p>Begin", encoding="utf-8")
    (tmp_path / "fr" / "index.html").write_text("<p>Commencer", encoding="utf-8")
    (tmp_path / "searchindex.js").write_text("1", encoding="utf-8")
    app = Starlette(routes=routes(tmp_path))

    async def ask(path: str) -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x", follow_redirects=True) as client:
            return await client.get(path)

    return lambda path: anyio.run(ask, path)


@pytest.mark.parametrize(("path", "text"), [("/docs", "Begin"), ("/docs/", "Begin"), ("/docs/fr/", "Commencer")])
def test_both_languages_are_answered(get: Callable[[str], httpx.Response], path: str, text: str) -> None:
    answer = get(path)
    assert (answer.status_code, text in answer.text) == (200, True)


def test_only_its_own_scripts_run(get: Callable[[str], httpx.Response]) -> None:
    policy = get("/docs/").headers["content-security-policy"]
    told = dict(one.strip().split(" ", 1) for one in policy.split(";"))
    assert (told["default-src"], told["script-src"], told["connect-src"]) == ("'none'", "'self'", "'self'")


def test_what_is_not_there_is_not_found(get: Callable[[str], httpx.Response]) -> None:
    assert get("/docs/no-such.html").status_code == 404
    assert get("/docs/../pyproject.toml").status_code == 404


def test_where_it_was_not_built_there_is_no_route(tmp_path: Path) -> None:
    assert (routes(tmp_path), is_built(tmp_path)) == ([], False)
