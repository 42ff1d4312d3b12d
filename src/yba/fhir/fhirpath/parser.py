"""FHIRPath tokens to a tree, by precedence (Pratt)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from .errors import FHIRPathSyntaxError
from .lexer import Token, tokens

DEEPEST: Final = 60  # brackets and operators inside each other

# From loose to tight; https://hl7.org/fhirpath/#operator-precedence
_BINDING: Final = {
    "implies": 1, "or": 2, "xor": 2, "and": 3, "in": 4, "contains": 4, "=": 5, "~": 5, "!=": 5, "!~": 5, "<": 6, ">": 6, "<=": 6, ">=": 6,
    "|": 7, "is": 8, "as": 8, "+": 9, "-": 9, "&": 9, "*": 10, "/": 10, "div": 10, "mod": 10,
}  # fmt: skip
_UNARY: Final = 11
_LONGEST_NUMBER: Final = 100  # digits; FHIRPath asks for 28
UNITS: Final = frozenset("year years month months week weeks day days hour hours minute minutes second seconds millisecond milliseconds".split())
_WORDS: Final = frozenset({"as", "contains", "in", "is"})  # operators that are also names


@dataclass(frozen=True, slots=True)
class Tree:
    """A part of an expression: what it is, its text, its parts, where it began."""

    kind: str  # literal, empty, quantity, date, this, index, total, constant, member, call, invoke, item, unary, binary, order, type
    text: str = ""
    parts: tuple[Tree, ...] = ()
    value: Any = None
    place: int = 0


def parse(text: str) -> Tree:
    """Read an expression. Raises FHIRPathSyntaxError, naming the place."""
    reader = _Reader(tokens(text))
    found = reader.expression(0, 0)
    reader.expect("end", "")
    return found


class _Reader:
    """Reads tokens from left to right."""

    def __init__(self, found: list[Token]) -> None:
        """Begin at the first one."""
        self._tokens = found
        self._at = 0

    @property
    def next(self) -> Token:
        """What comes, without taking it."""
        return self._tokens[self._at]

    def take(self) -> Token:
        """Take the next token."""
        token = self._tokens[self._at]
        self._at += 1
        return token

    def expect(self, kind: str, text: str) -> Token:
        """Take the token that must come."""
        token = self.next
        if token.kind != kind or (text and token.text != text):
            message = f"expected {text or kind!r}, found {token.shown}"
            raise FHIRPathSyntaxError(message, place=token.place)
        return self.take()

    def skip(self, text: str) -> bool:
        """Take a sign if it comes."""
        if self.next.kind == "symbol" and self.next.text == text:
            self._at += 1
            return True
        return False

    def expression(self, binding: int, depth: int) -> Tree:
        """Read an expression whose operators bind tighter than `binding`."""
        if depth > DEEPEST:
            message = f"more than {DEEPEST} levels"
            raise FHIRPathSyntaxError(message, place=self.next.place)
        left = self._unary(depth)
        while (power := self._power()) > binding:
            operator = self.take()
            if operator.text in {"is", "as"}:
                left = Tree("type", operator.text, (left,), self._type_name(), operator.place)
            else:
                left = Tree("binary", operator.text, (left, self.expression(power, depth + 1)), None, operator.place)
        return left

    def _power(self) -> int:
        return _BINDING.get(self.next.text, 0) if self.next.kind in {"symbol", "name"} else 0

    def _unary(self, depth: int) -> Tree:
        token = self.next
        if token.kind == "symbol" and token.text in "+-" and token.text:
            self.take()
            return Tree("unary", token.text, (self.expression(_UNARY, depth + 1),), None, token.place)
        return self._postfix(self._term(depth), depth)

    def _postfix(self, left: Tree, depth: int) -> Tree:
        while True:
            place = self.next.place
            if self.skip("."):
                left = Tree("invoke", "", (left, self._invocation(depth, after_dot=True)), None, place)
            elif self.skip("["):
                left = Tree("item", "", (left, self.expression(0, depth + 1)), None, place)
                self.expect("symbol", "]")
            else:
                return left

    def _invocation(self, depth: int, *, after_dot: bool = False) -> Tree:
        token = self.take()
        if token.kind == "special":
            return Tree(token.text[1:], place=token.place)
        if token.kind not in {"name", "quoted"}:
            message = f"expected a name, found {token.shown}"
            raise FHIRPathSyntaxError(message, place=token.place)
        if token.kind == "name" and self.skip("("):
            return Tree("call", token.text, self._arguments(token.text, depth), None, token.place)
        if token.kind == "name" and token.text in _BINDING and token.text not in _WORDS and not after_dot:  # text.div is a narrative
            message = f"{token.text!r} is an operator"
            raise FHIRPathSyntaxError(message, place=token.place)
        return Tree("member", token.text, place=token.place)

    def _arguments(self, call: str, depth: int) -> tuple[Tree, ...]:
        found: list[Tree] = []
        if self.skip(")"):
            return ()
        while True:
            one = self.expression(0, depth + 1)
            found.append(self._ordered(one) if call == "sort" else one)
            if not self.skip(","):
                self.expect("symbol", ")")
                return tuple(found)

    def _ordered(self, key: Tree) -> Tree:
        """Read the direction that may stand behind a key of sort()."""
        if self.next.kind != "name" or self.next.text not in {"asc", "desc"}:
            return key
        return Tree("order", self.take().text, (key,), None, key.place)

    def _term(self, depth: int) -> Tree:
        token = self.next
        if token.kind == "symbol":
            return self._sign(depth)
        if token.kind == "number":
            return self._number()
        if token.kind in {"text", "date"}:
            self.take()
            return Tree("literal" if token.kind == "text" else "date", token.text, (), token.text, token.place)
        if token.kind == "name" and token.text in {"true", "false"}:
            self.take()
            return Tree("literal", token.text, (), token.text == "true", token.place)
        return self._invocation(depth)

    def _number(self) -> Tree:
        token = self.take()
        if len(token.text) > _LONGEST_NUMBER:
            message = f"a number of more than {_LONGEST_NUMBER} digits"
            raise FHIRPathSyntaxError(message, place=token.place)
        unit = self.next
        if token.text[-1] != "L" and (unit.kind == "text" or (unit.kind == "name" and unit.text in UNITS)):
            self.take()
            return Tree("quantity", token.text, (), (unit.text, unit.kind == "name"), token.place)
        return Tree("number", token.text, place=token.place)

    def _sign(self, depth: int) -> Tree:
        token = self.take()
        if token.text == "(":
            found = self.expression(0, depth + 1)
            self.expect("symbol", ")")
            return found
        if token.text == "{":
            self.expect("symbol", "}")
            return Tree("empty", place=token.place)
        if token.text == "%":
            name = self.take()
            if name.kind not in {"name", "quoted", "text", "constant"}:
                message = "expected the name of a constant"
                raise FHIRPathSyntaxError(message, place=name.place)
            return Tree("constant", name.text, place=token.place)
        message = f"unexpected {token.shown}"
        raise FHIRPathSyntaxError(message, place=token.place)

    def _type_name(self) -> str:
        names = [self._name()]
        while self.skip("."):
            names.append(self._name())
        return ".".join(names)

    def _name(self) -> str:
        token = self.take()
        if token.kind not in {"name", "quoted"}:
            message = f"expected the name of a type, found {token.shown}"
            raise FHIRPathSyntaxError(message, place=token.place)
        return token.text
