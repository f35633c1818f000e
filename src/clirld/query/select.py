"""The program's own SELECT queries on a store.

The iterator that pyoxigraph gives has to end in the thread that made it. As a variable it would live on in the
traceback of an error that somebody keeps, until the collector drops it in whatever thread: here it is never one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import pyoxigraph as ox

Functions = dict[ox.NamedNode, Callable[..., Any]]
"""Python functions that a query may call: IRI → function of terms."""


def select(
    store: ox.Store,
    query: str,
    *,
    functions: Functions | None = None,
    aggregates: Functions | None = None,
    given: Mapping[str, ox.NamedNode] | None = None,
) -> Iterator[ox.QuerySolution]:
    """The rows of a SELECT query on all graphs of a store, seen as one; `given` are values of its variables.

    Raises:
        SyntaxError: the query is not SPARQL.
    """
    yield from cast(
        "ox.QuerySolutions",
        store.query(
            query,
            use_default_graph_as_union=True,
            custom_functions=functions,
            custom_aggregate_functions=aggregates,
            substitutions={ox.Variable(name): value for name, value in (given or {}).items()},
        ),
    )


def selected(query: str, *, functions: Functions | None = None, aggregates: Functions | None = None) -> list[str]:
    """The names of the variables that a query selects, in their order; none where it is no SELECT query.

    Raises:
        SyntaxError: the query is not SPARQL.
    """
    variables = getattr(
        ox.Store().query(query, custom_functions=functions, custom_aggregate_functions=aggregates), "variables", []
    )
    return [variable.value for variable in variables]
