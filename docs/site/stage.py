"""The Markdown of the project as the source of a site: a folder for each language, with links that hold there.

A link to a page of the same language stays a link between pages, which Sphinx checks, its anchor too; one to a page of
the other language leads to the page as it is built; one to any other file of the project becomes its text.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import yaml

PROJECT = Path(__file__).resolve().parent.parent.parent
LANGUAGES = ("en", "fr")
FRENCH_ALONE = tuple(
    f"docs/{name}.md" for name in ("contribute", "write-a-case", "reuse-answers", "prefect", "put-on-a-server")
)
"""Pages that are written in French, some with a part in English: both sites have them."""

_FENCE = re.compile(r"(^ *```.*?^ *```\n?)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<image>!?)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^)\s#]*)(?P<anchor>#[^)\s]*)?\)")
_PREFIX = {"en": "", "fr": "fr/"}
"""Where the site of a language lies."""


@dataclass(slots=True)
class Site:
    """The pages of a language: files of the project by their names in the site, grouped as they are listed."""

    language: str
    groups: list[tuple[str, list[str]]] = field(default_factory=list)
    pages: dict[str, Path] = field(default_factory=dict)

    def name_of(self, page: Path) -> str | None:
        """The name of a file of the project in this site, None where it is not there."""
        return next((name for name, path in self.pages.items() if path == page), None)


def sites() -> dict[str, Site]:
    """The sites by language, as pages.yaml lists them; a page that is not there is left out."""
    listed = yaml.safe_load((Path(__file__).parent / "pages.yaml").read_text(encoding="utf-8"))
    made = {}
    for language in LANGUAGES:
        site = made[language] = Site(language)
        for group in listed:
            names = []
            for path in map(PurePosixPath, group["pages"]):
                file = PROJECT / path
                if language == "fr" and str(path) not in FRENCH_ALONE:
                    file = PROJECT / "docs" / "fr" / path.name
                if file.is_file() and (language == "en" or str(path.parent) in (".", "docs")):
                    name = _name(path)
                    site.pages[name] = file
                    names.append(name)
            if names:
                site.groups.append((group["title"][language], names))
    return made


def _name(path: PurePosixPath) -> str:
    if str(path) == "README.md":
        return "index"
    if path.name == "README.md":
        return path.parent.name
    return path.stem.lower()


def stage(folder: Path) -> Mapping[str, Site]:
    """Write the source of each site into a folder of its language; gives the sites."""
    shutil.rmtree(folder, ignore_errors=True)
    made = sites()
    for language, site in made.items():
        out = folder / language
        out.mkdir(parents=True)
        for name, page in site.pages.items():
            alone = language != "fr" and page.relative_to(PROJECT).as_posix() in FRENCH_ALONE
            head = "---\nlanguage: fr\n---\n" if alone else ""
            text = rewritten(page.read_text(encoding="utf-8"), page, site, made, out)
            (out / f"{name}.md").write_text(
                f"{head}{text}{_contents(site) if name == 'index' else ''}", encoding="utf-8"
            )
    return made


def _contents(site: Site) -> str:
    """The table of contents, which Sphinx wants in a page and the layout shows beside each."""
    parts = []
    for title, names in site.groups:
        listed = "\n".join(name for name in names if name != "index")
        if listed:
            parts.append(f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{listed}\n```\n")
    return "".join(parts)


def rewritten(text: str, page: Path, site: Site, sites: Mapping[str, Site], out: Path) -> str:
    """The text of a page with links that hold in its site; pictures are copied into `out`."""

    def replaced(match: re.Match[str]) -> str:
        target, anchor = match["target"], match["anchor"] or ""
        if not target or ":" in target:
            return match[0]
        file = (page.parent / target).resolve()
        if match["image"]:
            shutil.copy2(file, out / file.name)
            return f"![{match['text']}]({file.name})"
        if name := site.name_of(file):
            return f"[{match['text']}]({name}.md{anchor})"
        for language, other in sites.items():
            if name := other.name_of(file):
                up = "../" if _PREFIX[site.language] else ""
                return f'<a href="{up}{_PREFIX[language]}{name}.html{anchor}" hreflang="{language}">{match["text"]}</a>'
        return match["text"]

    parts = _FENCE.split(text)
    return "".join(part if n % 2 else _LINK.sub(replaced, part) for n, part in enumerate(parts))


def external_links(made: Mapping[str, Site]) -> Iterator[tuple[str, str]]:
    """Every link out of the project, with the page that has it."""
    for site in made.values():
        for page in site.pages.values():
            text = _FENCE.sub("", page.read_text(encoding="utf-8"))
            for found in re.findall(r"\]\((https?://[^)\s]+)\)|<(https?://[^>\s]+)>", text):
                yield found[0] or found[1], page.relative_to(PROJECT).as_posix()
