"""What is written of a linked table: the rows, their candidates, the links as SSSOM, and what the columns are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import polars as pl
import yaml

from clirld import stages, yamlfile
from clirld.errors import DataError
from clirld.link import evidence, matching
from clirld.link.own_table.link_table import LinkedTable
from clirld.link.own_table.release_things import TABLES
from clirld.link.own_table.unusual import ROW
from clirld.settings import BASE

_PREDICATES = {matching.SURE: "skos:exactMatch", matching.POSSIBLE: "skos:closeMatch"}
_SSSOM = (
    "subject_id", "predicate_id", "object_id", "object_label", "mapping_justification", "confidence",
    "object_source", "mapping_tool", "comment",
)  # fmt: skip


def files_of(out: Path) -> dict[str, Path]:
    """The files that are written for an output, by what they are."""
    return {
        "rows": out,
        "candidates": out.with_suffix(".candidates.csv"),
        "sssom": out.with_suffix(".sssom.tsv"),
        "metadata": out.with_name(f"{out.name}-metadata.json"),
        "account": out.with_suffix(".account.json"),
    }


def write(linked: LinkedTable, out: Path, language: Literal["fr", "en"]) -> dict[str, Path]:
    """Write all files, verdicts told in a language too; gives them by what they are. OSError where it cannot be done.

    Cells that a spreadsheet would take for a formula stay as they are in the file: it is its owner's.
    """
    paths = files_of(out)
    delimiter = linked.account["delimiter"]
    blank = pl.col(pl.String).replace("", None)  # which Polars would write as a pair of quotes
    rows, candidates = _told(linked, language).drop(ROW).with_columns(blank), linked.candidates.with_columns(blank)
    paths["rows"].write_text(rows.write_csv(separator=delimiter), encoding="utf-8")
    paths["candidates"].write_text(candidates.write_csv(), encoding="utf-8")
    paths["sssom"].write_text(_sssom(linked), encoding="utf-8")
    stages.write_json(paths["metadata"], _metadata(linked, rows.columns, paths))
    stages.write_json(paths["account"], linked.account)
    return paths


@cache
def words() -> dict[str, Any]:
    """What columns and reasons are called: `rows`, `candidates`, `why_not`, each with `fr` and `en`."""
    return dict(yamlfile.load(Path(__file__).with_name("columns.yaml"), DataError).data)


def described(name: str) -> Mapping[str, str] | None:
    """What a column of the rows is; None for one of the file's own."""
    for thing in TABLES:
        name = name.replace(f"clirld_{thing}", "clirld_THING")
    found: Mapping[str, str] | None = words()["rows"].get(name)
    return found


def _told(linked: LinkedTable, language: Literal["fr", "en"]) -> pl.DataFrame:
    """The rows, with `…_told` beside each verdict: what it says, and why it is not sure, in words."""
    said, why = ({code: texts[language] for code, texts in words()[name].items()} for name in ("verdicts", "why_not"))
    rows = linked.rows.clone()
    for thing in TABLES:
        found = linked.candidates.filter(pl.col("table") == thing)
        best = found.filter(pl.col("rank") == 1).select(pl.col("row").alias(ROW), "why_not", "verdict", best="score")
        doubted = found.filter((pl.col("why_not") == "several") & (pl.col("verdict") == matching.POSSIBLE))
        rivals = doubted.rename({"row": ROW}).join(best.filter(pl.col("why_not") == "several"), on=ROW)
        rivals = rivals.filter(pl.col("score") > pl.col("best") - evidence.MARGIN)
        several = rivals.group_by(ROW, maintain_order=True).agg("thing").filter(pl.col("thing").list.len() > 1)
        both = pl.format("{} {}", pl.col("thing").list.len(), pl.lit(words()["both"][language]))
        reasons = several.select(ROW, both=pl.format("{}, {}", both, pl.col("thing").list.join(", ")))
        at, column = rows.columns.index(f"clirld_{thing}_verdict"), f"clirld_{thing}_told"
        reason = pl.coalesce("both", pl.col("why_not").replace_strict(why, default=None, return_dtype=pl.String))
        verdict = pl.col(f"clirld_{thing}_verdict").replace_strict(said, return_dtype=pl.String)
        told = rows.select(ROW, f"clirld_{thing}_verdict").join(best, on=ROW, how="left", maintain_order="left")
        told = told.join(reasons, on=ROW, how="left", maintain_order="left")
        whole = pl.when(reason.is_null()).then(verdict).otherwise(pl.format("{} ({})", verdict, reason))
        rows = rows.insert_column(at + 1, told.select(whole.alias(column))[column])
    return rows


def _metadata(linked: LinkedTable, columns: Sequence[str], paths: Mapping[str, Path]) -> dict[str, Any]:
    """CSV on the Web (Metadata Vocabulary for Tabular Data, 17 December 2015), beside the file and named after it."""
    account = linked.account
    tables: list[dict[str, Any]] = [
        {
            "url": paths["rows"].name,
            "dialect": {"delimiter": account["delimiter"]},
            "tableSchema": {"columns": [_column(name, described(name)) for name in columns]},
        },
        {
            "url": paths["candidates"].name,
            "tableSchema": {
                "columns": [_column(name, words()["candidates"][name]) for name in linked.candidates.columns]
            },
        },
    ]
    licences = sorted({one for thing in TABLES for one in linked.rows[f"clirld_{thing}_license"].drop_nulls()})
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "dc:source": {"@id": f"{BASE}release/{account['release']}/"},
        "dc:license": [{"@id": iri} for iri in licences],
        "tables": tables,
    }


def _column(name: str, what: Mapping[str, str] | None) -> dict[str, Any]:
    if what is None:
        return {"titles": name, "datatype": "string"}
    titles = [{"@value": what[language], "@language": language} for language in ("fr", "en")]
    return {"titles": name, "dc:title": titles, "datatype": what["datatype"]}


def _sssom(linked: LinkedTable) -> str:
    """Simple Standard for Sharing Ontological Mappings, TSV: sure links and possible ones; rows by the file's hash."""
    account = linked.account
    head = {
        "mapping_set_id": f"urn:sha-256:{account['sha256']}:{account['release']}",
        "mapping_set_title": f"{account['file']} linked to clirld",
        "license": "https://w3id.org/sssom/license/unspecified",
        "curie_map": {
            "row": f"urn:sha-256:{account['sha256']}#row=",
            "clirld": f"{BASE}id/",
            "skos": "http://www.w3.org/2004/02/skos/core#",
            "semapv": "https://w3id.org/semapv/vocab/",
        },
        "object_source_version": account["release"],
    }
    text = io.StringIO()
    text.writelines(f"# {line}\n" for line in yaml.safe_dump(head, sort_keys=False, allow_unicode=True).splitlines())
    lines = csv.writer(text, delimiter="\t", lineterminator="\n")
    lines.writerow(_SSSOM)
    for one in linked.candidates.filter(pl.col("verdict").is_in(list(_PREDICATES))).iter_rows(named=True):
        by_number = one["kinds"] == "number"
        lines.writerow(
            [
                f"row:{one['row']}",
                _PREDICATES[one["verdict"]],
                one["thing"].replace(f"{BASE}id/", "clirld:"),
                " ".join((one["thing_name"] or "").split()),
                "semapv:LexicalMatching" if by_number else "semapv:CompositeMatching",
                "" if one["precision"] is None else f"{one['precision']:g}",
                f"{BASE}graph/{one['source']}",
                f"clirld matching rule {account['rule']}",
                f"evidence: {one['kinds']}"
                + (f"; {words()['why_not'][one['why_not']]['en']}" if one["why_not"] else ""),
            ]
        )
    return text.getvalue()
