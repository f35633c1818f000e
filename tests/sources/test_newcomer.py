"""A registry that nobody has seen: from its page on a portal to a published source, by the commands of the docs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.servers import Handler, serving

RID = "57bc99ca-0432-4b46-8fcc-e76a35c9efaf"
KINDS = ["Tiers-lieu", "Fablab", "Espace de coworking"]
ROWS = "".join(
    f"TL{n:03};Le lieu exemple n° {n};{KINDS[n % 3]};{n} rue de la Gare;39100;Dole;39198;"
    f"www.lieu-exemple-{n}.example;Prénom Nom {n};lieu{n}@example.org;47,0{n % 10}123;5,4{n % 7}876\n"
    for n in range(1, 41)
)
HEADER = "Code;Nom du lieu;Type;Adresse;CP;Commune;Code INSEE;Site web;Contact;Courriel;Latitude;Longitude\n"
CSV = (HEADER + ROWS).encode("cp1252")


def _behave(handler: Handler, _number: int) -> None:
    host = f"http://127.0.0.1:{handler.server.server_address[1]}"
    if handler.path == "/robots.txt":
        handler.reply(404)
    elif handler.path == "/api/1/datasets/lieux-du-jura/":
        dataset = {
            "id": "646c8d45de96cc3428092c6b",
            "title": "Lieux du Jura",
            "description": "Lieux exemples, inventés pour un essai : aucun n'existe.",
            "license": "lov2",
            "frequency": "annual",
            "page": f"{host}/datasets/lieux-du-jura/",
            "organization": {"name": "Exemple", "page": f"{host}/organizations/exemple/"},
            "resources": [{"id": RID, "title": "lieux.csv", "url": f"{host}/lieux.csv", "format": "csv"}],
        }
        handler.reply(200, json.dumps(dataset).encode(), Content_Type="application/json")
    elif handler.path in ("/lieux.csv", f"/datasets/r/{RID}"):
        handler.reply(200, CSV, Content_Type="text/csv")
    else:
        handler.reply(404)


def test_from_a_page_of_a_portal_to_a_published_source(tmp_path: Path, project: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "territories").symlink_to(project / "pipelines" / "sources" / "territories")

    with serving(_behave) as server:
        portal = server.url.removesuffix("/data.csv")
        environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "CLIRLD_DATA": str(tmp_path / "data"),
            "CLIRLD_SOURCES": str(sources),
            "CLIRLD_DATAGOUV": portal,
            "CLIRLD_LANGUAGE": "fr",
            "NO_COLOR": "1",
        }

        def clirld(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["clirld", *words], env=environment, capture_output=True, text=True, cwd=tmp_path)

        made = clirld("source", "new", f"{portal}/datasets/lieux-du-jura/")
        assert made.returncode == 0, made.stderr
        card = sources / "lieux-du-jura" / "source.yaml"
        assert made.stdout.strip() == str(card)
        text = card.read_text(encoding="utf-8")
        marked = re.findall(r"^ *(\w+): +# À COMPLÉTER", text, re.MULTILINE)
        assert f"{len(marked)} lignes" in made.stderr
        assert marked == ["en", "en"]  # all else was found

        first = clirld("check", "lieux-du-jura")
        assert first.returncode == 1
        assert "title.en" in first.stderr
        assert "description.en" in first.stderr
        assert "Traceback" not in first.stderr

        text = re.sub(r"^( *en:) +# À COMPLÉTER.*", r"\1 Places of the Jura", text, flags=re.MULTILINE)
        # The portal of the test is no https:// host of its own: the file's address instead of the resource's.
        text = re.sub(
            r"^    datagouv: .*\n    dataset: .*\n", f"    url: {portal}/lieux.csv\n", text, flags=re.MULTILINE
        )
        card.write_text(text, encoding="utf-8")
        second = clirld("check", "lieux-du-jura")
        assert "--accept" in second.stderr
        accepted = clirld("check", "lieux-du-jura", "--accept")
        assert accepted.returncode == 0, accepted.stderr
        expected = (card.parent / "expected.ttl").read_text(encoding="utf-8")
        assert "initiative-kind:fablab" in expected

        sample = (card.parent / "sample.csv").read_text(encoding="cp1252")
        assert len(sample.splitlines()) == 21
        assert "@" not in sample
        assert "Prénom" not in sample

    # The real territories are not to be had here: their sample places the registry's commune.
    sampled = clirld("demo", "--no-serve", "--data", str(tmp_path / "demo"))
    assert sampled.returncode == 0, sampled.stderr
    asked = tmp_path / "query.rq"
    asked.write_text("SELECT (COUNT(?i) AS ?n) WHERE { ?i a <https://w3id.org/clirld/ontology#Initiative> }")
    answer = clirld("query", str(asked), "--format", "csv", "--data", str(tmp_path / "demo"))
    assert answer.stdout.split() == ["n", "20"]
