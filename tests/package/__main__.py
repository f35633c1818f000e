"""python -m tests.package dist: install the wheel of a folder in an environment of its own, and use it elsewhere.

What it depends on is taken from the environment that runs this, which the lock has made: nothing is fetched. Exit code
1 where something fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

USES = (
    ("clirld", "--help"),
    ("clirld", "source", "list"),
    ("clirld", "demo", "--no-serve", "--json", "--data", "data"),
    ("clirld", "releases", "--verify", "--data", "data"),
    ("clirld", "query", "{queries}/ptce-laureates.rq", "--data", "data"),
    ("clirld", "run", "ptce", "--mirror", ".", "--data", "other"),  # no file of it there: a sentence, exit code 1
)
WHERE = """
import json, clirld
from clirld.settings import Settings
own = Settings.from_environment({})
folders = ("ontology", "shapes", "queries", "sources")
print(json.dumps([clirld.__file__, *(str(getattr(own, name)) for name in folders)]))
"""


def main(dist: Path) -> int:
    """Install, use, and say how each use went."""
    (wheel,) = dist.glob("*.whl")
    failed = 0
    with tempfile.TemporaryDirectory(prefix="clirld-package-") as name:
        folder = Path(name).resolve()
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check"]
        subprocess.run([*install, wheel.resolve()], check=True)
        own = Path(_said(python, "import sysconfig; print(sysconfig.get_path('purelib'))", folder).strip())
        (own / "zz_locked.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")  # after its own
        paths = json.loads(_said(python, WHERE, folder))
        for path in paths:
            is_own = Path(path).is_relative_to(folder) and Path(path).exists()
            failed += not is_own
            print("✓" if is_own else "✗", path)
        for use in USES:
            ran = _run([python.parent / use[0], *(word.format(queries=paths[3]) for word in use[1:])], folder)
            expected = 1 if use[1] == "run" else 0
            is_right = ran.returncode == expected and "Traceback" not in ran.stderr
            failed += not is_right
            print("✓" if is_right else "✗", *use[:2])
            if not is_right:
                print(ran.stdout[-2000:], ran.stderr[-2000:])
        flows = own / "clirld" / "_data" / "pipelines" / "flows.py"
        loads = _run([python, "-c", f"import runpy; runpy.run_path({str(flows)!r})"], folder)
        failed += loads.returncode != 0
        print("✓" if loads.returncode == 0 else "✗", "pipelines/flows.py", loads.stderr[-2000:])
    return 1 if failed else 0


def _run(command: list[str | Path], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CLIRLD_", "PYTHON"))}
    environment["PREFECT_HOME"] = str(folder / "prefect")
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _said(python: Path, program: str, folder: Path) -> str:
    ran = _run([python, "-c", program], folder)
    if ran.returncode:
        sys.exit(ran.stderr)
    return ran.stdout


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
