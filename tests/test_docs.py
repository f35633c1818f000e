"""Documentation that cannot lie: its commands run, its links lead somewhere, and no command is left out of it."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
import typer.main

from clirld.card.guard_thresholds import Guards
from clirld.cli.app import app
from tests.conftest import PROJECT
from tests.once import linked_copy

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "docs/fr/*.md", "ontology/**/*.md", "queries/**/*.md", "bench/*.md")
    for path in PROJECT.glob(pattern)
)
_BLOCK = re.compile(r"^ *```(?P<language>\S+)(?: (?P<note>.*))?\n(?P<body>(?:.*\n)*?) *```$", re.MULTILINE)
_COMMAND = re.compile(
    r"^ *(\$ |(apt|clirld|cp|curl|dask|docker|export|git|make|pip|podman|prefect|python3?|Rscript|sudo|systemctl|uv) )",
    re.MULTILINE,
)
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#:]+)(?:#[^)]*)?\)")


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """The blocks of a page: their language, what is noted beside it, and their text."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [(one["language"], one["note"] or "", one["body"]) for one in found]


def commands(page: Path) -> list[str]:
    """What of a page is run, in order: the commands of console blocks; and Python, with what came before it."""
    found, script = [], ""
    for language, note, body in blocks(page):
        if language == "console":
            found += [line.removeprefix("$ ") for line in body.splitlines() if line.startswith("$ ")]
        elif language == "python" and not note:
            script += body
            found.append(f"python <<'END'\n{script}\nEND")
    return found


_RUN_BY_CLIENTS = {("r", "researchers.md")}

WITH_COMMANDS = [page for page in PAGES if commands(page) and page.parent.name != "fr"]
"""Those in French have the commands of the English ones, which is a test of its own."""


@pytest.fixture(scope="module")
def folder(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like the project's, with the release of a demo in `data/demo`."""
    folder = tmp_path_factory.mktemp("docs")
    (folder / "data").mkdir()
    linked_copy(samples, folder / "data" / "demo")
    for name in ("docs", "ontology", "pipelines", "queries", "shapes"):
        (folder / name).symlink_to(PROJECT / name)
    run("clirld demo --no-serve --data data/demo", folder)
    return folder


def run(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "CLIRLD_DATA": str(folder / "data" / "demo")}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command], cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_run(page: Path, folder: Path) -> None:
    for command in commands(page):
        run(command, folder)


def test_there_are_commands_to_run() -> None:
    run_of = {page.name: commands(page) for page in WITH_COMMANDS}
    assert {"add-a-source.md", "operate.md", "query.md", "researchers.md"} <= run_of.keys()
    assert any(command.startswith("python <<") for command in run_of["researchers.md"])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_what_is_not_run_says_why(page: Path) -> None:
    """Commands are in console blocks; those in others, and programs, are run, or their block says why they are not.

    `needs matplotlib`, and R: `python -m tests.clients` runs them where they are installed.
    """
    silent = []
    for language, note, body in blocks(page):
        is_program = language in ("r", "sql", "python") or (language == "text" and _COMMAND.search(body))
        is_run = note in ("", "needs matplotlib") if language == "python" else (language, page.name) in _RUN_BY_CLIENTS
        if is_program and not is_run and not re.match("not run: .", note):
            silent.append(body.splitlines()[0])
    assert silent == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lost = [target for target in _LINK.findall(text) if not (page.parent / target).exists()]
    assert lost == []


def test_every_command_is_documented() -> None:
    written = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    command = typer.main.get_command(app)
    names = []
    for name, one in command.commands.items():  # type: ignore[attr-defined]
        names += [f"{name} {sub}" for sub in one.commands] if hasattr(one, "commands") else [name]
    lost = [name for name in names if f"clirld {name}" not in written]
    assert lost == []


def test_every_package_has_its_place_in_the_description_of_the_whole() -> None:
    page = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    listing = re.findall(r"^```text\n(src/clirld/.*?)^```", page, re.MULTILINE | re.DOTALL)[0]
    engine = PROJECT / "src" / "clirld"
    packages = {f"{path.parent.name}/" for path in engine.glob("*/__init__.py")}
    modules = {path.name for path in engine.glob("*.py")} - {"__init__.py"}
    named = set(re.findall(r"(?<=\s)(\w+(?:/|\.py))(?=\s)", listing))
    assert named == packages | modules


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_the_files_that_a_page_names_are_there(page: Path) -> None:
    named = re.findall(
        r"\b(?:src|tests|bench|pipelines)/[\w/]+\.(?:py|yaml|rq|ttl)\b", page.read_text(encoding="utf-8")
    )
    assert [name for name in named if not (PROJECT / name).exists()] == []


def test_the_thresholds_of_the_guards_are_those_of_the_page() -> None:
    page = (PROJECT / "docs" / "stewards.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\|.*\| (\d+) (?:%|points?) \| `guards\.(\w+)`", page, re.MULTILINE)
    stated = {name: int(percent) / 100 for percent, name in rows}
    assert stated == {name: value for name, value in Guards().model_dump().items() if isinstance(value, float)}


def _site() -> ModuleType:
    """docs/site/stage.py, which makes the source of the site."""
    spec = importlib.util.spec_from_file_location("docs_stage", PROJECT / "docs" / "site" / "stage.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def prose(page: Path) -> str:
    """The text of a page without its blocks."""
    return _BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page: Path) -> set[str]:
    """The anchors that the headings of a page have, as GitHub and the site make them."""
    found: Counter[str] = Counter()
    made = set()
    for title in re.findall(r"^#+ (.+?) *$", prose(page), re.MULTILINE):
        text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")
        made.add(f"{slug}-{found[slug]}" if found[slug] else slug)
        found[slug] += 1
    return made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_anchors_are_those_of_a_heading(page: Path) -> None:
    lost = []
    for target, anchor in re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", prose(page)):
        other = (page.parent / target).resolve() if target else page
        if other.suffix == ".md" and anchor not in anchors(other):
            lost.append(f"{target}#{anchor}")
    assert lost == []


FRENCH = sorted((PROJECT / "docs" / "fr").glob("*.md"))


def english(page: Path) -> Path:
    """The page that a French one is the same as."""
    return PROJECT / "README.md" if page.name == "README.md" else PROJECT / "docs" / page.name


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: page.name)
def test_a_page_is_built_alike_in_both_languages(page: Path) -> None:
    """The same headings, level by level, and the same commands in the same order: what is shown of them may differ."""

    def built(one: Path) -> tuple[list[int], list[str]]:
        levels = [len(marks) for marks in re.findall(r"^(#+) ", prose(one), re.MULTILINE)]
        lines = [line.split("   ")[0].split(" #")[0].strip() for *_, body in blocks(one) for line in body.splitlines()]
        return levels, [line for line in lines if _COMMAND.match(line)]

    assert built(page) == built(english(page))


@pytest.mark.parametrize("page", FRENCH, ids=lambda page: page.name)
def test_french_has_its_spaces(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`|\]\([^)]*\)", "x", prose(page))
    assert re.findall(r".{0,20} [:;?!»](?=\s)|« .{0,20}", text) == []


def test_the_site_has_every_page() -> None:
    sites = _site().sites()
    missing = {page.relative_to(PROJECT).as_posix() for page in PAGES} - {
        page.relative_to(PROJECT).as_posix() for site in sites.values() for page in site.pages.values()
    }
    assert missing == set()
    assert "index" in sites["fr"].pages


def test_links_hold_in_the_site(tmp_path: Path) -> None:
    stage = _site()
    made = stage.stage(tmp_path)
    for language, site in made.items():
        for name in site.pages:
            text = _BLOCK.sub("", (tmp_path / language / f"{name}.md").read_text(encoding="utf-8"))
            local = [one for one in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text) if not one.endswith(".png")]
            assert {one.removesuffix(".md") for one in local} <= site.pages.keys()
    page = PROJECT / "docs" / "fr" / "README.md"
    text = "[a](../query.md#search-by-words) [b](../../pyproject.toml) [c](README.md) [d](https://example.org)"
    shown = stage.rewritten(text, page, made["fr"], made, tmp_path)
    french = '<a href="../query.html#search-by-words" hreflang="en">a</a> b [c](index.md) [d](https://example.org)'
    assert shown == french


def test_the_site_is_built(tmp_path: Path) -> None:
    python = PROJECT / ".venv-docs" / "bin" / "python"
    if not python.is_file():
        pytest.skip("no .venv-docs: “make docs” makes it, and builds the site")
    done = subprocess.run([python, PROJECT / "docs/site/build.py", tmp_path / "site"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    pages = [path.read_text(encoding="utf-8") for path in (tmp_path / "site").rglob("*.html")]
    assert len(pages) > 30
    # Nothing of elsewhere is loaded, and no script stands in a page.
    assert not [
        page for page in pages if re.search(r'(src|<link [^>]*href)="(https?:)?//|<script(?! src=)|\son\w+="', page)
    ]
