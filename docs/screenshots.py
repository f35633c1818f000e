"""Makes the pictures of docs/prefect.md anew: a Prefect server, a harvest of the samples and one that fails, Chromium.

    python docs/screenshots.py [docs/images]

All data is the sources' samples. Needs Chromium (CHROMIUM says where, else /usr/bin/chromium) and takes some minutes.
"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
SOURCES = ("territories", "ptce", "tiers-lieux-2019", "gogocarto-compact")
"""Those that the runs in the pictures harvest, from their samples."""

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--lang=fr",
    "--window-size=1280,900",
]


def main(out: Path) -> None:
    """Start a server of its own, run what the pictures show, take them."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        own = {
            "PREFECT_HOME": str(folder / "prefect"),
            "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "CLIRLD_DATA": str(folder / "data"),
            "CLIRLD_SOURCES": str(folder / "sources"),
            "CLIRLD_DOCUMENT_HOST": "http://127.0.0.1:8000",
        }
        (folder / "sources").mkdir()
        for name in SOURCES:
            (folder / "sources" / name).symlink_to(PROJECT / "pipelines" / "sources" / name)
        os.environ.update(own)
        prefect = [sys.executable, "-m", "prefect", "--no-prompt"]
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(
                [*prefect, "server", "start", "--port", str(port)], cwd=PROJECT, stdout=log, stderr=log
            )
        worker = None
        try:
            _wait(port)
            for command in (["work-pool", "create", "clirld", "--type", "process"], ["deploy", "--all"]):
                subprocess.run([*prefect, *command], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
            worker = subprocess.Popen(
                [*prefect, "worker", "start", "--pool", "clirld"], cwd=PROJECT, stdout=subprocess.DEVNULL
            )
            _take_all(f"http://127.0.0.1:{port}", out, folder)
        finally:
            for process in (worker, server):
                if process:
                    process.terminate()
                    process.wait()


def _wait(port: int) -> None:
    for _ in range(240):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the Prefect server does not start")


def _take_all(site: str, out: Path, folder: Path) -> None:
    sys.path.insert(0, str(PROJECT / "pipelines"))
    import flows
    from prefect.client.orchestration import get_client

    from clirld.errors import DataError

    flows.harvest_all(sample=True)
    (folder / "empty").mkdir()
    try:
        flows.harvest("tiers-lieux-2019", mirror=str(folder / "empty"))
    except DataError as error:
        print(error)
    flows.publish()
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(limit=200)
        good = next(run for run in runs if run.name == "harvest ptce" and run.state and run.state.is_completed())
        whole = next(run for run in runs if run.name == "harvest all")
        shown = {str(one.key): one.latest_id for one in client.read_latest_artifacts(limit=200)}
    pages = {
        "prefect-deployments": "/deployments",
        "prefect-all": f"/runs/flow-run/{whole.id}",
        "prefect-run": f"/runs/flow-run/{good.id}",
        "prefect-failed": f"/artifacts/artifact/{shown['failures']}",
        "prefect-accounting": f"/artifacts/artifact/{shown['accounting']}",
        "prefect-issues": f"/artifacts/artifact/{shown['issues-tiers-lieux-2019']}",
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, path in pages.items():
        _picture(site + path, out / f"{name}.png")


def _picture(url: str, path: Path) -> None:
    chromium = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    with tempfile.TemporaryDirectory() as profile:
        more = [f"--user-data-dir={profile}", "--virtual-time-budget=20000", f"--screenshot={path}"]
        subprocess.run([chromium, *FLAGS, *more, url], check=True, stderr=subprocess.DEVNULL, timeout=180)
    path.write_bytes(smaller(path.read_bytes()))
    print(path, path.stat().st_size)


def smaller(png: bytes) -> bytes:
    """The same picture in at most 256 colours: its most frequent ones, each other replaced by the nearest of them.

    The rule: https://www.w3.org/TR/png-3/, colour types 2 and 6 at 8 bits without interlace, as Chromium writes them.
    """
    width, height, _depth, kind = struct.unpack(">IIBB", png[16:26])
    step = {2: 3, 6: 4}[kind]
    data, at = b"", 8
    while at < len(png):
        length, name = struct.unpack(">I4s", png[at : at + 8])
        data += png[at + 8 : at + 8 + length] if name == b"IDAT" else b""
        at += length + 12
    rows = _rows(zlib.decompress(data), width * step, step)
    pixels = [bytes(row[i : i + 3]) for row in rows for i in range(0, len(row), step)]
    counted: dict[bytes, int] = {}
    for pixel in pixels:
        counted[pixel] = counted.get(pixel, 0) + 1
    palette = sorted(counted, key=lambda pixel: (-counted[pixel], pixel))[:256]
    index = {pixel: number for number, pixel in enumerate(palette)}
    for pixel in counted.keys() - index.keys():
        index[pixel] = min(
            range(len(palette)), key=lambda n: sum((a - b) ** 2 for a, b in zip(pixel, palette[n], strict=True))
        )
    lines = (bytes(index[pixel] for pixel in pixels[y * width : (y + 1) * width]) for y in range(height))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", b"".join(palette)),
        (b"IDAT", zlib.compress(b"".join(b"\0" + line for line in lines), 9)),
        (b"IEND", b""),
    ]
    return png[:8] + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def _rows(data: bytes, length: int, step: int) -> list[bytearray]:
    """The rows of a picture without their filters."""
    rows: list[bytearray] = []
    above = bytearray(length)
    for at in range(0, len(data), length + 1):
        kind, row = data[at], bytearray(data[at + 1 : at + 1 + length])
        for i in range(length):
            left = row[i - step] if i >= step else 0
            up, corner = above[i], above[i - step] if i >= step else 0
            if kind == 1:
                row[i] = (row[i] + left) & 255
            elif kind == 2:
                row[i] = (row[i] + up) & 255
            elif kind == 3:
                row[i] = (row[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((left, up, corner), key=lambda one: abs(guess - one))  # min gives the first among equals
                row[i] = (row[i] + near) & 255
        rows.append(row)
        above = row
    return rows


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else HERE / "images")
