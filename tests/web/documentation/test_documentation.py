"""How a table is linked has a page; the documentation, where it was built, a policy that lets its search run only."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest
import requests
from starlette.applications import Starlette

from clirld.link.own_table.notebook import link
from clirld.settings import Settings
from clirld.web.documentation.routes import is_built, site_routes
from tests.web.served import serve_settings, serving


@pytest.fixture
def get(tmp_path: Path) -> Callable[[str], httpx.Response]:
    (tmp_path / "fr").mkdir()
    (tmp_path / "index.html").write_text("<p>Begin", encoding="utf-8")
    (tmp_path / "fr" / "index.html").write_text("<p>Commencer", encoding="utf-8")
    (tmp_path / "searchindex.js").write_text("1", encoding="utf-8")
    app = Starlette(routes=site_routes(tmp_path))

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
    assert (site_routes(tmp_path), is_built(tmp_path)) == ([], False)


@pytest.fixture(scope="module")
def site(samples: Path) -> Iterator[str]:
    with serving(samples, serve_settings()) as address:
        yield address


def read(address: str) -> str:
    answer = requests.get(address, headers={"Accept": "text/html"}, timeout=20)
    assert answer.status_code == 200, answer.text
    return answer.text


LEADING = ("/", "/sparql", "/release/?format=html", "/catalog?format=html", "/search?q=fictif")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("path", LEADING)
def test_pages_lead_to_how_a_table_is_linked(site: str, path: str, lang: str) -> None:
    page = read(f"{site}{path}{'&' if '?' in path else '?'}lang={lang}")
    in_footer = page.partition("<footer")[2]
    assert f'href="/table?lang={lang}"' in in_footer
    assert f'href="/docs?lang={lang}"' in in_footer or is_built()
    in_main = page.partition("<main")[2].partition("</main>")[0]
    assert (f'href="/table?lang={lang}"' in in_main) == (path in LEADING[:3])


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_has_the_address_of_this_server_and_its_request_is_answered(site: str, lang: str) -> None:
    page = html.unescape(read(f"{site}/table?lang={lang}"))
    service = f"{site}/reconcile/{lang}"
    assert f"<code>{service}</code>" in page
    assert requests.get(service, timeout=20).json()["documentation"] == f"{site}/table?lang={lang}"
    asked = re.search(r"curl (\S+) --data-urlencode \\\s+'queries=([^']+)'", page)
    assert asked
    assert "result" in requests.post(asked[1], data={"queries": asked[2]}, timeout=20).json()["q0"]
    assert "<script" not in page


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_files_that_the_page_names_are_enough_to_link_a_table(site: str, lang: str, tmp_path: Path) -> None:
    page = html.unescape(read(f"{site}/table?lang={lang}"))
    asked = re.search(r'-o "(\S+)/#1" "(\S+/release/)\{(\S+)\}"', page)
    assert asked
    folder = tmp_path / asked[1]
    for path in asked[3].split(","):
        assert f'<a href="/release/{path}">' in page
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(requests.get(asked[2] + path, timeout=20).content)
    mine = tmp_path / "mine.csv"
    mine.write_text("Nom;Ville;Code postal\nExemple – Le Quai;Nantes;44000\n", encoding="utf-8")
    assert link(mine, folder).rows["clirld_initiative_verdict"].to_list() == ["sure"]
    assert f"--release {asked[1]}</code>" in page
    assert "git clone" in page


@pytest.mark.parametrize(("path", "lang"), [("/aide", "fr"), ("/help", "en")])
def test_who_asks_for_help_is_led_to_it(site: str, path: str, lang: str) -> None:
    answer = requests.get(site + path, timeout=20, allow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/table?lang={lang}")


@pytest.mark.skipif(is_built(), reason="the documentation was built")
@pytest.mark.parametrize("path", ["/docs", "/docs/", "/docs/fr", "/docs/fr/", "/docs?lang=en"])
def test_where_it_was_not_built_it_is_said_where_it_is(site: str, path: str) -> None:
    page = read(site + path)
    assert f'href="{Settings.from_environment().contact}"' in page
    assert ("/table?lang=fr" in page, "/table?lang=en" in page) == (True, True)
    assert requests.get(f"{site}/docs/nothing.html", timeout=20).status_code == 404
