"""Compiles the indexed string parameters of a resource type into one Python function, as `extract` does for tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .extract import Node, Writer, grow, routes
from .folding import fold
from .saying import address, name

if TYPE_CHECKING:
    from collections.abc import Callable

    from .parameters import Profile
    from .said import Text

Row = tuple[str, str]  # (parameter, folded)


def compile_texts(rtype: str, profile: Profile) -> Callable[[dict[str, Any]], list[Row]]:
    """Return the function that gives the rows of one resource, each once. Raises UnsupportedExpressionError."""
    writer = _TextWriter()
    writer.line(1, "out = []")
    root = Node()
    for parameter in profile.texts:
        for route in routes(rtype, parameter.expression):
            grow(root, parameter, route)
    writer.node(root, "doc", rtype, 1)
    writer.line(1, "return [*unique(out)]")
    made: Callable[[dict[str, Any]], list[Row]] = writer.compile(rtype)
    return made


def _rows(read: Callable[[Any], list[Text]]) -> Callable[[str, Any], list[Row]]:
    return lambda parameter, node: [(parameter, one.folded) for one in read(node)]


def _row(parameter: str, text: str) -> list[Row]:
    folded = fold(text)
    return [(parameter, folded)] if folded else []


class _TextWriter(Writer):
    """Writes rows where the other writes tokens."""

    def __init__(self) -> None:
        super().__init__()
        self._names |= {"HumanName": _rows(name), "Address": _rows(address), "text": _row}

    def _leaf(self, parameter: str, only: str | None, variable: str, type_: str, depth: int) -> None:  # noqa: ARG002  of references
        reader = type_ if type_ in self._names else "text"
        self.line(depth, f"out += {reader}({parameter!r}, {variable})")
