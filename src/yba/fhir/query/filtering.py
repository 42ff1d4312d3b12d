"""The language of _filter: logic, parentheses, paths with chains and brackets, operators (R4, search_filter.html)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from yba.fhir.folding import fold
from yba.fhir.search_rules import rules

from .criteria import And, Criterion, DateValue, Has, Listed, Not, Or, StringValue, Term, TokenValue, Within
from .literals import date_range
from .mistakes import WrongError
from .scope import TEXTUAL, Scope, chain, components
from .terms import has, listed, one_value

if TYPE_CHECKING:
    from yba.fhir.parameters import Parameter

    from .criteria import Value

_PATH: Final = re.compile(r"_has:[A-Za-z]+:[\w-]+|[A-Za-z_][\w-]*(?::[A-Za-z]+(?=[.\[]))?")
_NAME: Final = re.compile(r"[\w-]+")
_WORD: Final = re.compile(r"[a-z]{2,3}(?=\s)")
_BARE: Final = re.compile(r"[^\s)\]]+")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_ORDER: Final = ("eq", "ne", "gt", "lt", "ge", "le", "ap", "sa", "eb")
# type -> operator -> modifier of the term; "" = a plain search
_TEXT: Final = {"eq": "", "ne": "unequal", "co": "holds", "sw": "starts", "ew": "ends"}
_MODIFIERS: Final[dict[str, dict[str, str]]] = {
    "string": {"eq": "equals", "ne": "unequal", "co": "contains", "sw": "", "ew": "ends"},
    "token": _TEXT | {"in": "in", "ni": "not-in", "ss": "below", "sb": "above"},
    "uri": _TEXT,
    "reference": {"eq": "", "re": "", "ne": "unequal"},
    "composite": {"eq": ""},
    "special": {"eq": ""},
    "text": {"eq": "", "co": ""},
    "number": dict.fromkeys(_ORDER, ""),
    "quantity": dict.fromkeys(_ORDER, ""),
    "date": dict.fromkeys((*_ORDER, "po"), ""),
}


def read_filter(scope: Scope, text: str) -> Criterion:
    """Read a whole filter. Raises WrongError with the place."""
    reader = _Reader(text)
    found = reader.logic(scope, 0)
    reader.blank()
    if not reader.done:
        raise reader.wrong("and, or")
    return found


class _Reader:
    """Reads from left to right; `_at` is the next character."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    @property
    def done(self) -> bool:
        """Whether the end is reached."""
        return self._at >= len(self._text)

    def wrong(self, expected: str) -> WrongError:
        """Make the error that says the place, counted from 1."""
        return WrongError("filter", at=self._at + 1, expected=expected)

    def blank(self) -> None:
        """Step over white space."""
        while not self.done and self._text[self._at].isspace():
            self._at += 1

    def take(self, text: str) -> bool:
        """Step over a text, if it is the next."""
        found = self._text.startswith(text, self._at)
        self._at += len(text) if found else 0
        return found

    def match(self, pattern: re.Pattern[str], expected: str) -> str:
        """Step over what a pattern matches."""
        found = pattern.match(self._text, self._at)
        if found is None:
            raise self.wrong(expected)
        self._at = found.end()
        return found[0]

    def word(self, word: str) -> bool:
        """Step over a word of its own."""
        found = re.compile(rf"{word}(?=[\s(])").match(self._text, self._at)
        self._at = found.end() if found else self._at
        return found is not None

    def logic(self, scope: Scope, depth: int) -> Criterion:
        """Read filters joined by and, or: from left to right, neither binds closer (R4)."""
        if depth > rules().limits.depth:
            raise WrongError("too-deep", bound=rules().limits.depth)
        found, joined = self._one(scope, depth), ""
        while True:
            self.blank()
            word = "and" if self.word("and") else "or" if self.word("or") else ""
            if not word:
                return found
            next_ = self._one(scope, depth)
            kind: type[And | Or] = And if word == "and" else Or
            found = kind((*found.parts, next_)) if word == joined and isinstance(found, (And, Or)) else kind((found, next_))
            joined = word

    def _one(self, scope: Scope, depth: int) -> Criterion:
        self.blank()
        negated = self.word("not")
        self.blank()
        if self.take("("):
            found = self.logic(scope, depth + 1)
            self.blank()
            if not self.take(")"):
                raise self.wrong(")")
            return Not(found) if negated else found
        if negated:
            raise self.wrong("(")
        return self._path(scope, depth)

    def _path(self, scope: Scope, depth: int) -> Criterion:
        """Read `name op value`, `name.path`, `name[filter].path` or `_has:Type:name:path`."""
        if depth > rules().limits.depth:
            raise WrongError("too-deep", bound=rules().limits.depth)
        name = self.match(_PATH, "parameter")
        if name.startswith("_has:"):
            rtype, by, _ = has(scope, name + ":_")
            return Has(rtype, by, self._further(scope.on(rtype), depth, ":"))
        code, _, kind = name.partition(":")
        if code == "_list":
            return Listed(listed(self._eq()))
        param = scope.parameter(code)
        if not self._text.startswith((".", "["), self._at):
            return self._test(scope, param)
        if param.type == "composite":
            return Within(code, self._further(Scope(scope.types, components(scope, param), scope.reading), depth, "."))
        return self._chain(scope, param, kind, depth)

    def _chain(self, scope: Scope, param: Parameter, kind: str, depth: int) -> Criterion:
        begin, ends = self._at, [self._at]
        head = _NAME.match(self._text, begin + 1) if self._text[begin] == "." else None

        def read(further: Scope) -> Criterion:
            self._at = begin
            found = self._further(further, depth, ".")
            ends.append(self._at)
            return found

        found = chain(scope, param, kind, head[0] if head else "", read)
        self._at = ends[-1]
        return found

    def _further(self, scope: Scope, depth: int, sign: str) -> Criterion:
        """Read what follows a step of a path: `[filter]` and the rest."""
        condition = None
        if self.take("["):
            condition = self.logic(scope, depth + 1)
            self.blank()
            if not self.take("]"):
                raise self.wrong("]")
        if not self.take(sign):
            raise self.wrong(sign)
        rest = self._path(scope, depth + 1)
        return And((condition, rest)) if condition else rest

    def _eq(self) -> str:
        self.blank()
        if self.match(_WORD, "eq") != "eq":
            raise self.wrong("eq")
        return self._value()[0]

    def _test(self, scope: Scope, param: Parameter) -> Term:
        self.blank()
        operator = self.match(_WORD, "eq, ne, co, sw, ew, gt, lt, ge, le, ap, sa, eb, pr, po, ss, sb, in, ni, re")
        text, is_string = self._value()
        kind = "text" if param.code in TEXTUAL else param.type
        if operator == "pr" and kind not in {"composite", "text"}:
            if text not in {"true", "false"}:
                raise WrongError("one-of", allowed="true, false")
            return Term(param.code, kind, "missing", (TokenValue(None, "false" if text == "true" else "true"),))
        if operator not in _MODIFIERS[kind]:
            raise WrongError("operator", type=kind, operator=operator)
        modifier = _MODIFIERS[kind][operator]
        return Term(param.code, kind, modifier, (self._read(scope, param, operator, text, plain=is_string or kind == "string"),))

    def _read(self, scope: Scope, param: Parameter, operator: str, text: str, *, plain: bool) -> Value:
        if param.type == "string" and param.code not in TEXTUAL and plain:
            if not fold(text):
                raise WrongError("empty")
            return StringValue(text, fold(text))
        if operator == "po":
            return DateValue("po", *date_range(text), text)
        if param.type in {"date", "number", "quantity"}:
            return one_value(scope, param, "", ("" if operator == "eq" else operator) + text)
        return one_value(scope, param, operator if operator == "in" else "in" if operator == "ni" else "", text)

    def _value(self) -> tuple[str, bool]:
        """Read a JSON string, or anything up to a blank or a bracket; say whether it was a string."""
        self.blank()
        if not self._text.startswith('"', self._at):
            return self.match(_BARE, "value"), False
        raw = self.match(_STRING, '"')
        try:
            found: str = json.loads(raw, strict=False)
        except ValueError:
            raise self.wrong('"') from None
        return found, True
