"""Groups of what is joined, pair by pair: union-find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def clusters(joined: Iterable[Iterable[str]]) -> Iterator[list[str]]:
    """The groups that have two members or more, each sorted and in the order of their first members.

    Each of `joined` are names of one thing. R. E. Tarjan, “Efficiency of a Good But Not Linear Set Union Algorithm”,
    Journal of the ACM 22(2), 1975; here with path halving.
    """
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for names in joined:
        first, *others = map(root, names)
        for other in others:
            one, two = sorted((root(first), root(other)))
            parent[two] = one
    members: dict[str, list[str]] = {}
    for name in sorted(parent):
        members.setdefault(root(name), []).append(name)
    return (found for found in members.values() if len(found) > 1)
