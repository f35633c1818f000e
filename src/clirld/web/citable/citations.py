"""What the answer to a query says of itself: how to cite it, under which licences it is, where its hash is."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from clirld.query.graphs import graphs_read
from clirld.release import citation
from clirld.release.citation import Question
from clirld.settings import BASE
from clirld.web.citable.memento import MAX_LINKED
from clirld.web.local_links import uri
from clirld.web.protocol import QueryParameters
from clirld.web.release import ServedRelease, load

ALL_GRAPHS = "*"


def question_of(parameters: QueryParameters) -> Question:
    """What a request asks, to be cited."""
    return Question(parameters.query, parameters.default_graphs, parameters.named_graphs)


def graphs_of(question: Question) -> frozenset[str] | None:
    """IRIs of the graphs that a question limits its answer to; None where it may come from any."""
    if question.default_graphs is not None or question.named_graphs is not None:  # then FROM does not count
        return frozenset([*(question.default_graphs or ()), *(question.named_graphs or ())])
    return graphs_read(question.query)


def headers(host: str, release: ServedRelease, question: Question, *, is_citable: bool) -> dict[str, str]:
    """Headers of an answer: `Link` to what to cite, to the licences and to the citation; the graphs it is limited to.

    Where the address of the answer is too long for a header, or it can never be had again, the release is what to cite.
    """
    graphs = graphs_of(question)
    asked = question.encoded
    if is_citable and len(asked) <= MAX_LINKED:
        described = f"{host}/release/{release.folder.name}/sparql?{asked}&format=csl"
        links = [
            f'<{question.address(release.id, asked)}>; rel="cite-as"',
            f'<{described}>; rel="describedby"; type="{citation.CSL}"',
        ]
    else:
        links = [f'<{BASE}release/{release.id}/>; rel="cite-as"']
    links += _licence_links(release.folder, graphs)
    named = ALL_GRAPHS if graphs is None else ", ".join(uri(iri) for iri in sorted(graphs))
    return {"link": ", ".join(links), "clirld-graphs": named if len(named) <= MAX_LINKED else ALL_GRAPHS}


@lru_cache(maxsize=256)
def _licence_links(release: Path, graphs: frozenset[str] | None) -> list[str]:
    """Of a release's folder; its manifest does not change, and most queries are of all graphs."""
    return [f'<{uri(iri)}>; rel="license"' for iri in citation.licences(load(release).manifest, graphs)]
