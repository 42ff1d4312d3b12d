"""The part of FHIRPath that R4 search parameters use, parsed into steps: paths, unions, `as`, `ofType`, `where`, `extension`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Get:
    """`.name`."""

    name: str


@dataclass(frozen=True, slots=True)
class As:
    """`.as(T)`, `.ofType(T)` or `(… as T)`."""

    type: str


@dataclass(frozen=True, slots=True)
class Equals:
    """`.where(name='value')`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class RefersTo:
    """`.where(resolve() is T)`."""

    type: str


@dataclass(frozen=True, slots=True)
class ExistsAndNotFalse:
    """`X.exists() and X != false`: one boolean out of whatever X holds."""


Step = Get | As | Equals | RefersTo | ExistsAndNotFalse
Path = tuple[Step, ...]


class UnsupportedExpressionError(ValueError):
    """The expression is outside the subset."""


_TOKEN: Final = re.compile(r"\s*(?:(?P<name>[A-Za-z_]\w*)|'(?P<text>[^']*)'|(?P<sign>[().|=\[\]]|!=))")
_PAIR: Final = re.compile(r"^(?P<path>[\w.]+)\.exists\(\) and (?P=path) != false$")
_END: Final = ("sign", "")


def parse(expression: str) -> tuple[Path, ...]:
    """Return the alternatives of an expression; each path starts with `Get(<resource type>)` where the expression does.

    Raises UnsupportedExpressionError.
    """
    if pair := _PAIR.match(expression):
        return tuple((*path, ExistsAndNotFalse()) for path in parse(pair["path"]))
    reader = _Reader(expression)
    paths = [reader.term()]
    while reader.take("|"):
        paths.append(reader.term())
    reader.expect("")
    return tuple(paths)


class _Reader:
    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens = list(self._split())
        self._at = 0

    def _split(self) -> Iterator[tuple[str, str]]:
        at, text = 0, self._expression.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise UnsupportedExpressionError(self._expression)
            yield match.lastgroup, match[match.lastgroup]
            at = match.end()

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else _END

    def _next(self, kind: str) -> str:
        found, value = self._peek()
        if found != kind:
            raise UnsupportedExpressionError(self._expression)
        self._at += 1
        return value

    def take(self, sign: str) -> bool:
        """Step over the sign if it comes next."""
        hit = self._peek() == ("sign", sign)
        self._at += hit
        return hit

    def expect(self, sign: str) -> None:
        """Step over the sign; the empty sign is the end."""
        if self._peek() != ("sign", sign):
            raise UnsupportedExpressionError(self._expression)
        self._at += 1

    def term(self) -> Path:
        """`(path as T).tail` or a path."""
        if not self.take("("):
            return self._path((Get(self._next("name")),))
        inner = self.term()
        if self._peek() == ("name", "as"):
            self._at += 1
            inner = (*inner, As(self._next("name")))
        self.expect(")")
        return self._path(inner)

    def _path(self, steps: Path) -> Path:
        while self.take("."):
            steps = (*steps, *self._step())
        return steps

    def _step(self) -> Path:
        name = self._next("name")
        if not self.take("("):
            return (Get(name),)
        if name in {"as", "ofType"}:
            found: Path = (As(self._next("name")),)
        elif name == "where":
            found = (self._condition(),)
        elif name == "extension":
            found = (Get("extension"), Equals("url", self._next("text")))
        else:
            raise UnsupportedExpressionError(self._expression)
        self.expect(")")
        return found

    def _condition(self) -> Step:
        name = self._next("name")
        if name == "resolve":
            self.expect("(")
            self.expect(")")
            if self._next("name") != "is":
                raise UnsupportedExpressionError(self._expression)
            return RefersTo(self._next("name"))
        self.expect("=")
        return Equals(name, self._next("text"))
