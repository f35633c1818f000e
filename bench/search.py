"""What the search costs: making the index of a release, and a thousand searches in it.

    python -m bench.search --data DIR

Questions are drawn from the names that the release has, the same ones each time: a third are a whole name, a third two
words of one, a third the first letters of a word. Each is asked for a page of 20: in the index, as rows over HTTP, and
as a page over HTTP, one after another.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from bench.endpoints import Connection, clirld, percentile, serving
from bench.measure import machine

SEARCHES = 1000
PAGE = "Accept: text/html\r\n"
ROWS = "Accept: application/sparql-results+json\r\n"


def make(release: Path, out: Path) -> str:
    """Make the index from the dumps of a release."""
    from clirld.release import gzip_files
    from clirld.search import index

    sources = [path for path in (release / "dump").glob("*.nq.gz") if not path.name.startswith("clirld-")]
    graphs = []
    for source in sources:
        graphs.append(out / source.name.removesuffix(".gz"))
        with graphs[-1].open("wb") as plain:
            plain.writelines(gzip_files.lines(source))
    quads = sum(path.read_bytes().count(b"\n") for path in graphs)
    start, used = time.perf_counter(), time.process_time()
    index.write(graphs, out / index.FILE)
    seconds, used = time.perf_counter() - start, time.process_time() - used
    size, peak = (out / index.FILE).stat().st_size / 2**20, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return f"index of {quads:,} quads: {seconds:.1f} s, {used:.1f} s of a processor; {size:.1f} MiB; peak {peak} MiB"


def questions(index: Path) -> list[str]:
    """Names, words and beginnings that a release has, drawn at random."""
    import sqlite3

    with sqlite3.connect(index) as opened:
        rows = opened.execute("SELECT coalesce(fr, label, en) FROM thing WHERE coalesce(fr, label, en) IS NOT NULL")
        names = sorted(name for (name,) in rows)
    draw = random.Random(1)
    found = []
    for number in range(SEARCHES):
        name = draw.choice(names)
        parts = name.split()
        kinds = (name, " ".join(draw.sample(parts, min(len(parts), 2))), draw.choice(parts)[: draw.randint(1, 4)])
        found.append(kinds[number % 3])
    return found


def plurals(index: Path) -> str:
    """The words of names that are one word without their number: how many, and some of them, for a reader to judge."""
    import sqlite3

    from clirld.search.words import singular, words

    with sqlite3.connect(index) as opened:
        rows = opened.execute("SELECT coalesce(fr, label, en) FROM thing WHERE coalesce(fr, label, en) IS NOT NULL")
        written = sorted({word for (name,) in rows for word in words(name)})
    alike: dict[str, list[str]] = {}
    for word in written:
        alike.setdefault(singular(word), []).append(word)
    joined = ["/".join(group) for group in alike.values() if len(group) > 1]
    short = ["/".join(group) for group in alike.values() if len(group) > 1 and any(len(one) == 5 for one in group[1:])]
    draw = random.Random(1)
    some, five = draw.sample(joined, min(80, len(joined))), draw.sample(short, min(60, len(short)))
    return (
        f"of {len(written):,} words in names {len(joined):,} groups differ by their number only: {', '.join(some)}; "
        f"with plurals of five letters: {', '.join(five)}"
    )


def told(name: str, took: list[float]) -> str:
    """The figures of some searches."""
    took = [one * 1000 for one in took]
    median, p99 = percentile(took, 0.5), percentile(took, 0.99)
    return f"{name}: median {median:.1f} ms, p99 {p99:.1f} ms, most {max(took):.1f} ms"


def in_the_index(index: Path, asked: list[str]) -> list[float]:
    """The seconds of each search."""
    from clirld.search.find import find

    took = []
    for question in asked:
        start = time.perf_counter()
        find(index, question, limit=20)
        took.append(time.perf_counter() - start)
    return took


def mistyped(index: Path) -> list[tuple[str, str]]:
    """Names of things, and the same with a letter left out of a word of five or more, or two swapped."""
    import sqlite3

    from clirld.search.words import key

    with sqlite3.connect(index) as opened:
        kinds = "('initiative', 'organization', 'territory', 'practice-field', 'need-kind', 'programme')"
        rows = opened.execute(f"SELECT iri, coalesce(fr, label, en) FROM thing WHERE NOT gone AND kind IN {kinds}")
        names = sorted((iri, key(name)) for iri, name in rows if name)
    draw = random.Random(1)
    found = []
    while len(found) < SEARCHES:
        iri, name = draw.choice(names)
        words = name.split()
        longer = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        if longer:
            at = draw.choice(longer)
            word, letter = words[at], draw.randrange(len(words[at]) - 1)
            swapped = word[letter + 1] + word[letter] + word[letter + 2 :]
            words[at] = word[:letter] + (swapped if draw.random() < 0.5 else word[letter + 1 :])
            found.append((iri, " ".join(words)))
    return found


def typing_errors(index: Path, asked: list[tuple[str, str]]) -> str:
    """What looking for the words that were meant takes, and how many of the names are found with them."""
    from clirld.search.find import find
    from clirld.search.near import meant, near_names, near_words

    took, right, first = [], 0, 0
    for iri, question in asked:
        hits = {hit.iri for hit in find(index, question, around=True).hits}
        start = time.process_time()
        near = near_words(index, question)
        other = None if hits else meant(index, question, near, around=True)
        alike = near_names(index, question, near)
        took.append(time.process_time() - start)
        shown = {hit.iri for hit in find(index, other, around=True, limit=20).hits} if other else set()
        found = hits | shown | {hit.iri for hit in alike}
        found |= {hit.iri for hit in find(index, other, around=True).hits} if other else set()
        right += iri in found
        first += iri in shown or iri in {hit.iri for hit in alike} or iri in hits
    share, soon = right / len(asked), first / len(asked)
    return f"{told('names with a letter wrong, of a processor', took)}; {share:.1%} found, {soon:.1%} on the first page"


async def over_http(port: int, asked: list[str], headers: str) -> list[float]:
    """The seconds of each answer."""
    connection, took = Connection(port), []
    for question in asked:
        answer = await connection.get(f"/search?q={quote(question)}", headers)
        if answer.status != 200:
            raise SystemExit(f"a search was answered with {answer.status}")
        took.append(answer.seconds)
    connection.close()
    return took


def main(say: Callable[[str], None] = print) -> None:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="data folder with a release")
    data = parser.parse_args().data
    release = (data / "current").resolve()
    say(str(machine()))
    with tempfile.TemporaryDirectory() as folder:
        say(make(release, Path(folder)))
    index = release / "search.sqlite"
    say(plurals(index))
    asked = questions(index)
    say(told("in the index", in_the_index(index, asked)))
    say(typing_errors(index, mistyped(index)))
    command, environment = clirld(data)
    with serving(command, "/healthz", **environment) as server:
        for name, headers in (("rows over HTTP", ROWS), ("pages over HTTP", PAGE)):
            before = server.processor()
            took = asyncio.run(over_http(server.port, asked, headers))
            say(f"{told(name, took)}; {(server.processor() - before) / len(asked) * 1000:.1f} ms of a processor each")


if __name__ == "__main__":
    main()
