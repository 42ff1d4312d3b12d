"""The FHIRPath functions of single values as SQL: texts, conversions, boundaries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from . import boundaries, moments
from .collections import EMPTY, Alt, Coll, Unsupported, scalar
from .dialect import DECIMAL as EXACT
from .shapes import BOOLEAN, DATE, DECIMAL, INTEGER, MOMENT, OBJECT, TEXT, TIME

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.fhir.fhirpath.parser import Tree

    from .expression import Translator
    from .operators import Scope

    Run = Callable[[Translator, Coll, Tree, Scope], Coll]


class Function(NamedTuple):
    """A function and how many arguments it takes."""

    run: Run
    least: int = 0
    most: int = 0


def _texts(write: Callable[..., str], type_: str = "System.String", least: int = 0, most: int | None = None) -> Function:
    """Make a function of one text; `write` gets the SQL of text and arguments. Arguments are texts where `write` says nothing else."""

    def run(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
        own = sql.single(focus, f"{tree.text}()")
        given = [sql.single(sql.tree(part, scope), f"{tree.text}()") for part in tree.parts]
        if own is None or None in given:
            return EMPTY
        wanted = {TEXT} if tree.text != "substring" else {INTEGER}
        if own.family not in {TEXT, DATE, MOMENT, TIME} or any(alt is not None and alt.family not in wanted for alt in given):
            raise Unsupported(f"{tree.text}() does not take these types", tree.place)
        return scalar(type_, write(own.sql, *(alt.sql for alt in given if alt is not None)))

    return Function(run, least, least if most is None else most)


_LITERAL: Final = re.compile(rf"CAST\((-?[0-9.]+) AS {re.escape(EXACT)}\)")
_WHOLE: Final = re.compile(r"CAST\((\d+) AS BIGINT\)")


def _substring(text: str, start: str, length: str | None = None) -> str:
    begin, end = _WHOLE.fullmatch(start), _WHOLE.fullmatch(length or "")
    if begin and end and int(end[1]):  # the usual form: beyond the end there is nothing
        return f"CASE WHEN length({text}) > {begin[1]} THEN substr({text}, {int(begin[1]) + 1}, {end[1]}) END"
    taken = f"substr({text}, CAST({start} AS INT) + 1" + (f", CAST(greatest({length}, 0) AS INT))" if length else ")")
    return f"CASE WHEN {start} >= 0 AND {start} < length({text}) THEN {taken} END"


def _replace(text: str, old: str, new: str) -> str:
    if old == "''":
        raise Unsupported("replace() needs a text that is to be replaced")
    return f"replace({text}, {old}, {new})"


def _join(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    between = sql.single(sql.tree(tree.parts[0], scope), "join()") if tree.parts else None
    if len(focus.alts) > 1 or any(alt.family == OBJECT for alt in focus.alts):
        raise Unsupported("join() needs texts", tree.place)
    text = between.sql if between is not None else "''"
    if not focus.alts:
        return EMPTY
    items = sql.listed(focus.alts[0])
    return scalar("System.String", f"CASE WHEN {sql.dialect.size(items)} > 0 THEN {sql.dialect.join(items, text)} END")


def _to_text(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    own = sql.single(focus, "toString()")
    if own is None:
        return EMPTY
    if own.family in {OBJECT, DECIMAL}:
        raise Unsupported(f"toString() of {own.type} is not the same everywhere", tree.place)
    return scalar("System.String", f"CAST({own.sql} AS {sql.dialect.text_type})")


def _to_number(type_: str, pattern: str) -> Function:
    def run(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
        own = sql.single(focus, f"{tree.text}()")
        if own is None:
            return EMPTY
        kind = "BIGINT" if type_ == "System.Integer" else EXACT
        if own.family == TEXT:
            whole = f"regexp_extract({own.sql}, {sql.dialect.text(pattern)}, 0)"
            small = f"TRY_CAST(nullif({whole}, '') AS {'INTEGER' if kind == 'BIGINT' else kind})"  # an Integer of FHIRPath has 32 bits
            return scalar(type_, f"CAST({small} AS BIGINT)" if kind == "BIGINT" else small)
        if own.family in {BOOLEAN, INTEGER} or (own.family == DECIMAL and type_ == "System.Decimal"):
            return scalar(type_, f"CAST({own.sql} AS {kind})")
        raise Unsupported(f"{tree.text}() does not take {own.type}", tree.place)

    return Function(run)


def _boundary(*, high: bool) -> Function:
    def run(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
        own = sql.single(focus, f"{tree.text}()")
        if own is None:
            return EMPTY
        if own.type == "Period":
            ends = sql.member(Coll((own,)), "end" if high else "start")
            return run(sql, ends, tree, scope)
        digits = _digits(sql, tree)
        if own.family in {DATE, MOMENT, TIME}:
            return _edge_of_time(sql, own, digits, high=high)
        if own.family not in {INTEGER, DECIMAL}:
            raise Unsupported(f"{tree.text}() of {own.type} is not for views", tree.place)
        return scalar("decimal", _edge_of_number(sql, own, boundaries.PLACES if digits is None else digits, high=high))

    return Function(run, 0, 1)


def _digits(sql: Translator, tree: Tree) -> int | None:
    """Return the precision that is asked for: a number that stands there, or a constant."""
    if not tree.parts:
        return None
    part = tree.parts[0]
    sign, part = (-1, part.parts[0]) if part.kind == "unary" and part.text == "-" else (1, part)
    if part.kind == "number" and part.text.isdecimal():
        return sign * int(part.text)
    given = sql.constants.get(part.text) if part.kind == "constant" else None
    if given is None or not isinstance(given.value, int) or isinstance(given.value, bool):
        raise Unsupported(f"{tree.text}() takes a number that stands there", tree.place)
    return sign * given.value


def _edge_of_time(sql: Translator, own: Alt, digits: int | None, *, high: bool) -> Coll:
    kind = MOMENT if own.family == DATE and digits in moments.WITH_CLOCK else own.family  # a date to the minute is a moment
    found = moments.boundary(sql.dialect, own.sql, kind, high=high)
    type_ = {DATE: "date", MOMENT: "dateTime", TIME: "time"}[kind]
    cut = found if digits is None else moments.precise(found, kind, digits)
    return scalar(type_, f"CASE WHEN {own.sql} IS NOT NULL THEN {cut} END")


def _edge_of_number(sql: Translator, own: Alt, places: int, *, high: bool) -> str:
    if own.family == INTEGER:
        return boundaries.of_number(f"CAST({own.sql} AS {EXACT})", "0", places, high=high)
    if given := _LITERAL.fullmatch(own.sql):  # a decimal of the view itself
        return boundaries.of_number(own.sql, str(len(given[1].partition(".")[2])), places, high=high)
    if own.shape is None:
        raise Unsupported("boundaries are those of numbers that are written in the document or in the view")
    own.shape.written = True  # how precise a number is says its text alone
    return boundaries.of_number(f"TRY_CAST({own.sql} AS {EXACT})", boundaries.written_places(sql.dialect, own.sql), places, high=high)


VALUES: Final[dict[str, Function]] = {
    "join": Function(_join, 0, 1),
    "startsWith": _texts(lambda text, part: f"({part} = substr({text}, 1, length({part})))", "System.Boolean", 1),
    "endsWith": _texts(lambda text, part: f"({part} = right({text}, CAST(length({part}) AS INT)))", "System.Boolean", 1),
    "contains": _texts(lambda text, part: f"(position({part} IN {text}) > 0)", "System.Boolean", 1),
    "substring": _texts(_substring, "System.String", 1, 2),
    "replace": _texts(_replace, "System.String", 2),
    "upper": _texts(lambda text: f"upper({text})"),
    "lower": _texts(lambda text: f"lower({text})"),
    "length": _texts(lambda text: f"CAST(length({text}) AS BIGINT)", "System.Integer"),
    "toString": Function(_to_text),
    "toInteger": _to_number("System.Integer", r"^[+-]?[0-9]{1,40}$"),
    "toDecimal": _to_number("System.Decimal", r"^[+-]?[0-9]{1,20}([.][0-9]{1,10})?$"),
    "lowBoundary": _boundary(high=False),
    "highBoundary": _boundary(high=True),
}
