"""The files of others that the pages load, taken from npm again: `make vendor`.

    python docs/vendor.py [PACKAGE...]

in: `src/clirld/web/static/vendored.yaml`, which says of each package its version, the hash of its archive, which of its
files are kept and the packages bundled in them; out: these files, as they were published, and one with all licences.
A file that is other bytes than the manifest says ends the run with 1 and is not written; a hash that is `~` is written
to standard output, for a person to put there. `tests/web/test_vendored.py` holds the files to the manifest.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import yaml

STATIC = Path(__file__).resolve().parents[1] / "src" / "clirld" / "web" / "static"
MANIFEST = STATIC / "vendored.yaml"
_LICENCE = re.compile(r"(licen[sc]e|copying)(\.\w+)?|licen[sc]e-\w+", re.IGNORECASE)


def fetched(spec: str, folder: Path) -> tuple[Path, str]:
    """The archive of a package, by the npm of this machine, and its hash as package-lock.json writes it."""
    said = subprocess.run(
        ["npm", "pack", "--json", "--silent", "--ignore-scripts", spec],
        cwd=folder, check=True, capture_output=True, text=True,
    )  # fmt: skip
    path = folder / json.loads(said.stdout)[0]["filename"].replace("@", "").replace("/", "-")
    return path, "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


def licences(archive: Path) -> str:
    """What the licence files of an archive say; of one without any, what its package.json names."""
    with tarfile.open(archive) as files:
        found = [
            one for one in files.getmembers() if one.name.count("/") == 1 and _LICENCE.fullmatch(Path(one.name).name)
        ]
        texts = [_text(files, one.name) for one in sorted(found, key=lambda one: one.name)]
        return "\n\n".join(texts) or str(json.loads(_text(files, "package/package.json")).get("license", "?"))


def _text(files: tarfile.TarFile, name: str) -> str:
    member = files.extractfile(name)
    return member.read().decode("utf-8").strip() if member else ""


def make(package: dict[str, Any], folder: Path) -> dict[str, bytes]:
    """The files that a package gives, by their names. Raises SystemExit where its archive is another one."""
    spec = f"{package['package']}@{package['version']}"
    archive, integrity = fetched(spec, folder)
    if package["integrity"] and integrity != package["integrity"]:
        raise SystemExit(f"{spec}: the archive is {integrity}, and not what vendored.yaml says")
    if not package["integrity"]:
        print(f"{spec}: integrity: {integrity}")
    made = {}
    with tarfile.open(archive) as files:
        for name, one in package["files"].items():
            member = files.extractfile(f"package/{one['from']}")
            made[name] = member.read() if member else b""
    if "bundles" not in package:
        made[package["licences"]["file"]] = licences(archive).encode() + b"\n"
        return made
    texts = [f"{spec} ({package['licence']})\n\n{licences(archive)}"]
    for bundled in package["bundles"]:
        texts.append(f"{bundled}, bundled in it\n\n{licences(fetched(bundled, folder)[0])}")
    made[package["licences"]["file"]] = f"\n\n{'-' * 80}\n\n".join(texts).encode() + b"\n"
    return made


def main(names: list[str]) -> None:
    """Make the files of the packages that are named, or of all."""
    wrong = []
    for package in yaml.safe_load(MANIFEST.read_text(encoding="utf-8")):
        if names and package["package"] not in names:
            continue
        wanted = {name: one["sha256"] for name, one in package["files"].items()}
        wanted[package["licences"]["file"]] = package["licences"]["sha256"]
        with tempfile.TemporaryDirectory() as folder:
            for name, content in make(package, Path(folder)).items():
                digest = hashlib.sha256(content).hexdigest()
                if wanted[name] is None:
                    print(f"{name}: sha256: {digest}")
                if wanted[name] in (None, digest):
                    (STATIC / name).write_bytes(content)
                else:
                    wrong.append(f"{name}: {digest}, and not the {wanted[name]} of vendored.yaml")
    if wrong:
        raise SystemExit("\n".join(wrong))


if __name__ == "__main__":
    main(sys.argv[1:])
