"""Small faults in a module: each mutation that there is, and the text of the module with it."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent.parent
SOURCE = PROJECT / "src" / "clirld"

_ORDERS: dict[type, list[type]] = {
    ast.Lt: [ast.LtE, ast.Gt], ast.LtE: [ast.Lt, ast.GtE], ast.Gt: [ast.GtE, ast.Lt], ast.GtE: [ast.Gt, ast.LtE],
    ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq], ast.In: [ast.NotIn], ast.NotIn: [ast.In], ast.Is: [ast.IsNot],
    ast.IsNot: [ast.Is],
}  # fmt: skip
_OTHERS: dict[type, type] = {
    ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.BitXor: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutation: where, the code before and after, and the whole text of the module with it."""

    module: str
    function: str
    line: int
    statement: int
    before: str
    after: str
    text: str

    @property
    def name(self) -> tuple[str, str, str, str]:
        """What `equivalent.yaml` calls it: no line, since lines move."""
        return self.module, self.function, self.before, self.after

    def __str__(self) -> str:
        return f"{self.module}:{self.line} {self.function}: {self.before}  →  {self.after}"


def _changes(node: ast.AST) -> Iterator[tuple[ast.AST, str, Any]]:
    """What may be changed at a node: (object, attribute, value)."""
    match node:
        case ast.Compare():
            for n, op in enumerate(node.ops):
                for other in _ORDERS[type(op)]:
                    yield node, "ops", [*node.ops[:n], other(), *node.ops[n + 1 :]]
        case ast.BinOp(left=ast.Constant(value=str())) | ast.BinOp(right=ast.Constant(value=str() | bytes())):
            return  # any other operator is an error
        case ast.BoolOp(op=op) | ast.BinOp(op=op) | ast.AugAssign(op=ast.Add() as op) if type(op) in _OTHERS:
            yield node, "op", _OTHERS[type(op)]()
        case ast.UnaryOp(op=ast.Not() | ast.Invert()):
            yield node, "op", None  # the operand alone
        case ast.Constant(value=bool() as value):
            yield node, "value", not value
        case ast.Constant(value=int() | float() as value):
            yield node, "value", value + 1


def _code(path: list[ast.AST]) -> str:
    """The code of the innermost expression that says more than a constant; of a statement, its head."""
    node = path[-1]
    for node in reversed(path):
        if not isinstance(node, ast.Constant | ast.Slice | ast.keyword | ast.Tuple):
            break
    text = ast.unparse(node)
    return " ".join((text.splitlines()[0] if isinstance(node, ast.stmt) else text).split())


def mutants_of(module: str) -> Iterator[Mutant]:
    """All mutations of a module, in the order of its lines."""
    tree = ast.parse((SOURCE / module).read_text(encoding="utf-8"))

    def visit(path: list[ast.AST], names: list[str], statement: int) -> Iterator[Mutant]:
        node = path[-1]
        for thing, name, value in _changes(node):
            before, kept = _code(path), getattr(thing, name)
            if value is None:
                parent, place = path[-2], _place(path[-2], node)
                place(node.operand)
                after, text = _code([*path[:-1], node.operand]), ast.unparse(tree)
                _place(parent, node.operand)(node)
            else:
                setattr(thing, name, value)
                after, text = _code(path), ast.unparse(tree)
                setattr(thing, name, kept)
            line = getattr(node, "lineno", statement)
            yield Mutant(module, ".".join(names) or "(module)", line, statement, before, after, text)
        for field, child in _children(node):
            if field in ("decorator_list", "annotation", "returns") or isinstance(node, ast.Raise):
                continue
            inner = names
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                inner = [*names, child.name]
            within = isinstance(child, ast.stmt) and any(isinstance(one, ast.FunctionDef) for one in path)
            here = child.lineno if within else statement
            yield from visit([*path, child], inner, here)

    yield from visit([tree], [], 0)


def _children(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield name, child


def _place(parent: ast.AST, child: ast.AST) -> Callable[[ast.AST], None]:
    """Puts another node where `child` is."""
    for name, value in ast.iter_fields(parent):
        if value is child:
            return lambda new: setattr(parent, name, new)
        if isinstance(value, list) and any(one is child for one in value):
            place = next(n for n, one in enumerate(value) if one is child)
            return lambda new: value.__setitem__(place, new)
    raise LookupError(child)
