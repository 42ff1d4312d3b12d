"""The operators of FHIRPath as SQL, and what they are asked of."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from . import moments
from .collections import EMPTY, Alt, Coll, Lists, Unsupported, scalar, truthful
from .dialect import DECIMAL as EXACT
from .shapes import BOOLEAN, DATE, DECIMAL, INTEGER, MOMENT, OBJECT, TEXT, TIME

if TYPE_CHECKING:
    from yba.fhir.fhirpath.parser import Tree

_NUMBERS: Final = frozenset({INTEGER, DECIMAL})
_DAYS: Final = frozenset({DATE, MOMENT})
_SPACE: Final = r"[\s\x0b\x1c-\x1f\x85\p{Z}]"  # Unicode's white space
_LOGIC: Final = frozenset({"and", "or", "xor", "implies"})
_ORDER: Final = frozenset({"<", ">", "<=", ">="})


@dataclass(frozen=True, slots=True)
class Scope:
    """What an expression is asked of: $this, %resource, %context, %rowIndex and, inside a function, $index."""

    this: Coll
    resource: Coll
    context: Coll
    row_index: str = "0"
    index: str | None = None


class Operators(Lists):
    """Translates operators; what stands beside them is translated by `tree`."""

    @abstractmethod
    def tree(self, tree: Tree, scope: Scope) -> Coll:
        """Translate a part of an expression. Raises Unsupported, FHIRPathError."""

    def condition(self, tree: Tree, scope: Scope, *, loose: bool = False) -> str:
        """Translate a criterion: SQL that is true, false or null. `loose`: null or false is all the same, which reads less of the document."""
        if loose and tree.kind == "binary" and tree.text in {"and", "or"}:
            left, right = (self.condition(part, scope, loose=True) for part in tree.parts)
            return f"(({left}) {tree.text.upper()} ({right}))"
        if loose and tree.kind == "binary" and tree.text == "=":
            left_, right_ = (self.tree(part, scope) for part in tree.parts)
            return self.truth(self._of_two(left_, right_, tree, loose=True))
        return self.truth(self.tree(tree, scope))

    def _unary(self, tree: Tree, scope: Scope) -> Coll:
        inner = self.single(self.tree(tree.parts[0], scope), f"unary {tree.text}")
        if inner is None:
            return EMPTY
        if inner.family not in _NUMBERS:
            raise Unsupported(f"unary {tree.text} needs a number", tree.place)
        return Coll((replace(inner, sql=f"({tree.text}{self.exact(inner)})", shape=None, beside=None),))

    def _binary(self, tree: Tree, scope: Scope) -> Coll:
        operator = tree.text
        if operator in _LOGIC:
            return self._logic(operator, self.condition(tree.parts[0], scope), self.condition(tree.parts[1], scope))
        left, right = self.tree(tree.parts[0], scope), self.tree(tree.parts[1], scope)
        if operator == "|":
            return self.united(left, right, tree.place)
        if operator == "&":
            return scalar("System.String", f"(coalesce({self._text_or_none(left)}, '') || coalesce({self._text_or_none(right)}, ''))")
        if operator in {"in", "contains"}:
            return self._within(*((left, right) if operator == "in" else (right, left)), tree.place)
        return self._of_two(left, right, tree)

    def _of_two(self, left: Coll, right: Coll, tree: Tree, *, loose: bool = False) -> Coll:
        """Compare or reckon with two values."""
        operator = tree.text
        if (not left.alts or not right.alts) and operator in {"~", "!~"}:  # nothing is like nothing alone
            there = self.exists(right if right.alts else left)
            return truthful(f"(NOT {there})" if operator == "~" else there)
        if not left.alts or not right.alts:
            return truthful("CAST(NULL AS BOOLEAN)") if operator in _ORDER | {"=", "!="} else EMPTY
        if operator in {"=", "!="}:
            return self._equal(left, right, tree, loose=loose)
        a, b = self.single(left, operator), self.single(right, operator)
        if a is None or b is None:
            return EMPTY
        if operator in _ORDER:
            return truthful(self._compared(a, b, operator, tree.place))
        return self._alike(a, b, tree) if operator in {"~", "!~"} else self._reckoned(a, b, operator, tree.place)

    @staticmethod
    def _logic(operator: str, left: str, right: str) -> Coll:
        if operator == "implies":
            return truthful(f"((NOT ({left})) OR ({right}))")
        if operator == "xor":
            return truthful(f"(({left}) <> ({right}))")
        return truthful(f"(({left}) {operator.upper()} ({right}))")

    def _equal(self, left: Coll, right: Coll, tree: Tree, *, loose: bool) -> Coll:
        a = left.alts[0] if len(left.alts) == 1 else self.merged(left, tree.text)
        b = right.alts[0] if len(right.alts) == 1 else self.merged(right, tree.text)
        if a.many and b.many:
            raise Unsupported("two lists are not compared in views", tree.place)
        one, other = self.first(a), self.first(b)
        found = self._compared(one, other, "=" if tree.text == "=" else "<>", tree.place)
        different = "false" if tree.text == "=" else "true"
        for alt, against in ((a, other), (b, one)):
            if alt.many:
                found = f"CASE WHEN {self.dialect.size(alt.sql)} > 1 AND {against.sql} IS NOT NULL THEN {different} ELSE {found} END"
            elif alt.beside is not None and not loose:  # it has no value but is extended: something that equals nothing
                found = f"CASE WHEN {alt.sql} IS NULL AND {self.there(alt)} AND {against.sql} IS NOT NULL THEN {different} ELSE {found} END"
        return truthful(found)

    def _compared(self, a: Alt, b: Alt, operator: str, place: int) -> str:
        kinds = {a.family, b.family}
        if kinds <= _DAYS or kinds == {TIME}:
            return moments.compared(self.dialect, a.sql, b.sql, operator, times=kinds == {TIME})
        if kinds == {TEXT} or (kinds == {BOOLEAN} and operator in {"=", "<>"}):
            return f"({a.sql} {operator} {b.sql})"
        if kinds <= _NUMBERS:
            return f"({self.exact(a)} {operator} {self.exact(b)})"
        if TEXT in kinds and kinds & (_DAYS | {TIME}):
            if operator in {"=", "<>"}:
                return f"({a.sql} {operator} {b.sql})"
            return moments.compared(self.dialect, a.sql, b.sql, operator, times=TIME in kinds)
        if OBJECT in kinds or operator not in {"=", "<>"}:
            raise Unsupported(f"{a.type} and {b.type} cannot be compared by {operator} in views", place)
        return f"CASE WHEN {a.sql} IS NOT NULL AND {b.sql} IS NOT NULL THEN {'false' if operator == '=' else 'true'} END"

    def _alike(self, a: Alt, b: Alt, tree: Tree) -> Coll:
        kinds = {a.family, b.family}
        if kinds == {TEXT}:
            one, other = (f"regexp_replace(lower({alt.sql}), {self.dialect.text(_SPACE)}, ' '{self.dialect.everywhere})" for alt in (a, b))
            alike = f"({one} = {other})"
        elif kinds in ({BOOLEAN}, {INTEGER}, {TIME}) or kinds <= _DAYS:
            alike = self._compared(a, b, "=", tree.place)
        else:
            raise Unsupported(f"{tree.text} compares texts, dates, booleans and whole numbers in views", tree.place)
        same = f"({alike} OR ({a.sql} IS NULL AND {b.sql} IS NULL))"
        return truthful(f"coalesce({same}, false)" if tree.text == "~" else f"(NOT coalesce({same}, false))")

    def exact(self, alt: Alt) -> str:
        """Return a number as what is reckoned with: whole, or with ten decimals."""
        return alt.sql if alt.family == INTEGER else f"TRY_CAST({alt.sql} AS {EXACT})"

    def _text_or_none(self, coll: Coll) -> str:
        one = self.single(coll, "&")
        if one is not None and one.family != TEXT:
            raise Unsupported("& joins texts")
        return one.sql if one is not None else "NULL"

    def _reckoned(self, a: Alt, b: Alt, operator: str, place: int) -> Coll:
        kinds = {a.family, b.family}
        if operator == "+" and kinds == {TEXT}:
            return scalar("System.String", f"({a.sql} || {b.sql})")
        if not kinds <= _NUMBERS:
            raise Unsupported(f"{operator} is reckoned with numbers in views", place)
        whole, double = kinds == {INTEGER}, self.dialect.double_type
        if operator in {"+", "-"} or (operator == "*" and whole):
            return scalar("System.Integer" if whole else "System.Decimal", f"({self.exact(a)} {operator} {self.exact(b)})")
        left, right = f"CAST({a.sql} AS {double})", f"nullif(CAST({b.sql} AS {double}), 0)"
        if operator == "*":
            return scalar("System.Decimal", f"CAST(({left} * CAST({b.sql} AS {double})) AS {EXACT})")
        if operator == "/":
            return scalar("System.Decimal", f"({left} / {right})")
        divided = f"CAST(trunc({left} / {right}) AS BIGINT)" if self.dialect.name == "duckdb" else f"CAST(({left} / {right}) AS BIGINT)"
        if operator == "div":
            return scalar("System.Integer", divided)
        rest = f"({self.exact(a)} - {divided} * {self.exact(b)})"
        return scalar("System.Integer" if whole else "System.Decimal", rest)

    def _within(self, left: Coll, right: Coll, place: int) -> Coll:
        one = self.single(left, "in")
        if one is None:
            return EMPTY
        if not right.alts:
            return truthful(f"CASE WHEN {one.sql} IS NOT NULL THEN false END")
        among = right.alts[0] if len(right.alts) == 1 else self.merged(right, "in")
        if one.family != among.family or one.family in _DAYS | {OBJECT, TIME}:
            raise Unsupported("in needs texts, numbers or booleans of one kind", place)
        has = f"coalesce({self.dialect.has(self.listed(among), one.sql)}, false)"
        return truthful(f"CASE WHEN {one.sql} IS NOT NULL THEN {has} END")

    def united(self, left: Coll, right: Coll, place: int) -> Coll:
        """Put two collections of one kind together, each value once; dates and moments are one where they are written alike."""
        if not left.alts or not right.alts:
            return left if left.alts else right
        alts = (*left.alts, *right.alts)
        kinds = {alt.family for alt in alts}
        if len(left.alts) > 1 or len(right.alts) > 1 or OBJECT in kinds or (len(kinds) > 1 and not kinds <= _DAYS):
            raise Unsupported("| needs primitive values of one kind", place)
        items = self.dialect.concat([self.listed(alt) for alt in alts])
        return Coll((Alt(alts[0].type if len(kinds) == 1 else "dateTime", self.distinct(items), many=True),))

    def distinct(self, items: str) -> str:
        """Keep each value once, in order."""
        each, index = self.fresh(), self.fresh("n")
        number = index if self.dialect.index_from else f"{index} + 1"
        return self.dialect.filter(items, each, f"{self.dialect.position(items, each)} = {number}", index)
