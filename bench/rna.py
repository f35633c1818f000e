"""The national register of associations, as large as it is: fetch, records and map of synthetic rows in its layout.

The rows are invented and plainly so; the columns, the codes and the flaws are those of the files (the card rna-waldec
says where they are described): dates 0001-01-01, `_` for nothing, an INSEE code of "0" or "INSEE", arrondissements,
rows with a cell too many, rows given twice, associations dissolved or taken out, few websites, fewer SIRET.
"""

from __future__ import annotations

import csv
import random
import shutil
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import polars as pl

from bench.contender import SETTINGS, Figures, main
from clirld.fetch import download
from clirld.fetch.location import MirrorFile
from clirld.fetch.stage import Origin, http_settings
from clirld.harvest import line, outcome
from clirld.map import nquads
from clirld.project import Project
from clirld.records.make import write_records
from clirld.records.plan import ReferenceData
from clirld.records.territory import Territories

SOURCE = "rna-waldec"
HEADER = (
    "id;id_ex;siret;rup_mi;gestion;date_creat;date_decla;date_publi;date_disso;nature;groupement;titre;titre_court;objet;"
    "objet_social1;objet_social2;adrs_complement;adrs_numvoie;adrs_repetition;adrs_typevoie;adrs_libvoie;adrs_distrib;"
    "adrs_codeinsee;adrs_codepostal;adrs_libcommune;adrg_declarant;adrg_complemid;adrg_complemgeo;adrg_libvoie;"
    "adrg_distrib;adrg_codepostal;adrg_achemine;adrg_pays;dir_civilite;telephone;siteweb;email;publiweb;observation;"
    "position;maj_time"
)  # as the file says them
_NOUNS = ["AMICALE", "COMITÉ", "CERCLE", "ATELIER", "UNION", "CLUB", "ENSEMBLE", "JARDIN"]
_COMPLEMENTS = ["INVENTÉ", "D'EXEMPLE", "DES ESSAIS", "DE LA MESURE", "IMAGINAIRE", "DE NULLE PART", "(BANC D'ESSAI)"]
_WORDS = (
    "promouvoir l'entraide entre les membres d'exemple ; organiser des rencontres, des ateliers et des sorties ; "
    "faire connaître la commune inventée et son patrimoine ; soutenir l'école, le sport et la culture"
)


def rna_csv(data: Path, out: Path, rows: int) -> Figures:
    """Harvest the territories into `data` and write `rows` associations; many are of the real communes, if at hand."""
    project = Project.load(replace(SETTINGS, data=data))
    mirror = Path(__file__).resolve().parents[2] / "shared" / "registries"
    origin = Origin(mirror=mirror) if rows >= 10_000 and mirror.is_dir() else Origin(sample=True)
    harvest = line.harvest(project, project.sources["territories"], origin)
    kinds = ["commune", "arrondissement-municipal", "commune-deleguee"]
    communes = pl.read_parquet(harvest.records / "territory" / "*.parquet").filter(pl.col("kind").is_in(kinds))
    first_postcode = pl.col("postcode").list.first()  # rows of the register have that of their commune
    places = list(communes.select("code", "name", first_postcode).iter_rows())
    rng = random.Random(0)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(columns := HEADER.split(";"))
        for n in range(rows):
            # One row in 500 is given twice, one in 10 000 has a cell too many.
            row = _row(n - 1 if n % 500 == 499 else n, columns, rng, *rng.choice(places))
            writer.writerow([*row, "x"] if n % 10_000 == 9_999 else row)
    return {"places": len(places)}


def _row(n: int, columns: list[str], rng: random.Random, code: str, name: str, postcode: str | None) -> list[str]:
    departement = code[:3] if code.startswith("97") else code[:2]
    title = f"{rng.choice(_NOUNS)} {rng.choice(_COMPLEMENTS)} {n}"
    year, month, day = 1950 + n % 75, 1 + n % 12, 1 + n % 28
    flaw = n % 50  # 4 rows of 50 have one
    cells = {
        "id": f"W{n:09}",
        "siret": "00000000000000" if n % 20 == 0 else "",
        "gestion": f"{departement}1P",
        "date_creat": "0001-01-01" if flaw == 1 else f"{year}-{month:02}-{day:02}",
        "date_decla": f"{max(year, 1990)}-{month:02}-{day:02}",
        "date_publi": "0001-01-01" if n % 3 else f"{year}-{month:02}-{day:02}",
        "date_disso": "0001-01-01",
        "nature": "D",
        "groupement": "S",
        "titre": title,
        "titre_court": title[:38],
        "objet": " ".join(rng.choices(_WORDS.split(), k=24)),
        "objet_social1": f"{1000 * (n % 40):06}",
        "objet_social2": "000000",
        "adrs_numvoie": str(n % 200),
        "adrs_typevoie": "RUE",
        "adrs_libvoie": "de l'Exemple",
        "adrs_distrib": "_",
        "adrs_codeinsee": {2: "0", 3: "INSEE", 4: ""}.get(flaw, code),
        "adrs_codepostal": postcode or f"{departement[:2]}{n % 10}00".replace("2A", "20").replace("2B", "20"),
        "adrs_libcommune": name,
        "adrg_achemine": name.upper(),
        "adrg_pays": "FRANCE",
        "dir_civilite": "PM",
        "siteweb": f"www.example.org/{n}" if n % 12 == 0 else "",
        "publiweb": "0" if n % 25 == 0 else "1",
        "position": "S" if n % 40 == 7 else "D" if n % 5 == 0 else "A",
        "maj_time": f"2015-02-09 12:51:{n % 60:02}",
    }
    return [cells.get(column, "") for column in columns]


def rna_line(data: Path, file: Path, out: Path) -> Figures:
    """fetch, records and map of the file, one after another, with the seconds of each."""
    project = Project.load(replace(SETTINGS, data=data))
    source = project.sources[SOURCE]
    territories_harvest = outcome.last_good(project, "territories")
    assert territories_harvest
    mapping, tables = project.mapping, project.tables
    shutil.rmtree(out, ignore_errors=True)
    (out / "records").mkdir(parents=True)
    times = [time.perf_counter()]
    origin, http = MirrorFile(file), http_settings(project.settings)
    snapshot = download.fetch_distribution(SOURCE, "default", origin, out / "snapshots", http, expect="csv")
    times.append(time.perf_counter())
    territories = Territories.load(sorted((territories_harvest.records / "territory").glob("*.parquet")))
    reference = ReferenceData(tables, project.vocabulary, territories)
    account = write_records(source, {"default": snapshot}, reference, out / "records")
    times.append(time.perf_counter())
    nquads.write_graph(out / "records", tables, mapping, out / "graph.nq")
    times.append(time.perf_counter())
    stages = dict(zip(("fetch", "records", "map"), (b - a for a, b in pairwise(times)), strict=True))
    return {"seconds": times[-1] - times[0], "made": account.rows_made.total(), "stages": stages}


def rna_by_hand(data: Path, file: Path, out: Path) -> Figures:
    """What one would write instead: csv.DictReader and rdflib, five properties, nothing cleaned and nothing told."""
    from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

    del data
    base = Namespace("https://example.org/")
    start = time.perf_counter()
    graph = Graph()
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter=";"):
            if row["position"] == "S" or row["publiweb"] != "1":
                continue
            node = URIRef(base[f"association/{row['id']}"])
            graph.add((node, RDF.type, base.Association))
            graph.add((node, RDFS.label, Literal(row["titre"], lang="fr")))
            graph.add((node, base.founded, Literal(row["date_creat"])))
            graph.add((node, base.seat, URIRef(base[f"commune/{row['adrs_codeinsee']}"])))
            graph.add((node, OWL.sameAs, Literal(row["id"])))
    graph.serialize(out / "by-hand.nt", format="nt", encoding="utf-8")
    return {"seconds": time.perf_counter() - start, "triples": len(graph)}


if __name__ == "__main__":
    main(rna_csv, rna_line, rna_by_hand)
