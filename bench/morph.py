"""Run morph-kgc on what `clirld.rml.export` wrote.

    .venv-oracle/bin/python bench/morph.py FOLDER OUT [PROCESSES]      N-Triples where OUT ends in .nt, else N-Quads

morph-kgc pins an old pyoxigraph, so it has an environment of its own (requirements-oracle.txt) and is never
imported by the project. Prints the seconds that mapping took, imports not counted, as JSON.
"""

import configparser
import json
import os
import runpy
import sys
import time
from pathlib import Path


def main(folder: Path, out: Path, processes: str = "1") -> None:
    """Map the folder's CSV files by its YARRRML file into one file."""
    import morph_kgc.data_source.data_file  # noqa: F401  so that imports are not timed

    out = out.resolve()
    os.chdir(folder)  # sources are named relative to the mapping
    config = configparser.ConfigParser()
    config["CONFIGURATION"] = {
        "output_file": str(out),
        "output_format": "N-TRIPLES" if out.suffix == ".nt" else "N-QUADS",
        "na_values": "",  # only an empty cell is no value: its default takes the word “nan” for one too
        "number_of_processes": processes,
        "logging_level": "WARNING",
    }
    config["tables"] = {"mappings": "mapping.yarrrml"}
    with Path("config.ini").open("w", encoding="utf-8") as file:
        config.write(file)
    sys.argv = ["morph_kgc", "config.ini"]
    start = time.perf_counter()
    runpy.run_module("morph_kgc", run_name="__main__")
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:4])
