"""memberOf() in SQL: whether a code is of a value set that R4 binds codes to, whose codes are written into the statement."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from yba.fhir.definitions import value_set

from .collections import EMPTY, Alt, Coll, Unsupported, truthful
from .shapes import TEXT

if TYPE_CHECKING:
    from yba.fhir.fhirpath.parser import Tree

    from .expression import Translator
    from .operators import Scope


def member_of(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001  the form of all functions
    """Translate memberOf() of a code, Coding or CodeableConcept."""
    held = value_set(_url(sql, tree).partition("|")[0])
    if held is None:
        raise Unsupported(f"{tree.text}() knows the value sets that R4 binds codes to, and not this one", tree.place)
    own = sql.single(focus, "memberOf()")
    if own is None:
        return EMPTY
    if own.family == TEXT:
        return truthful(_among(sql, own.sql, frozenset(code for codes in held.values() for code in codes)))
    if own.type not in {"Coding", "CodeableConcept"}:
        raise Unsupported(f"{tree.text}() is asked of codes, not of {own.type}", tree.place)
    if own.type == "Coding":
        return truthful(f"CASE WHEN {own.sql} IS NOT NULL THEN coalesce({_coding(sql, own, held)}, false) END")
    codings = sql.member(Coll((own,)), "coding").alts[0]
    each = sql.fresh()
    test = _coding(sql, replace(codings, sql=each, many=False), held)
    found = sql.dialect.size(sql.dialect.filter(codings.sql, each, f"coalesce({test}, false)"))
    return truthful(f"CASE WHEN {own.sql} IS NOT NULL THEN {found} > 0 END")


def _url(sql: Translator, tree: Tree) -> str:
    part = tree.parts[0]
    given = sql.constants.get(part.text) if part.kind == "constant" else None
    value = given.value if given else part.value
    if part.kind not in {"literal", "constant"} or not isinstance(value, str):
        raise Unsupported(f"{tree.text}() takes the URL of a value set", tree.place)
    return value


def _among(sql: Translator, code: str, codes: frozenset[str]) -> str:
    return f"({code} IN ({', '.join(sql.dialect.text(one) for one in sorted(codes))}))"


def _coding(sql: Translator, one: Alt, held: dict[str, frozenset[str]]) -> str:
    """Return the test of one Coding; without a system, a code of any of them will do."""
    system, code = (sql.member(Coll((one,)), name).alts[0].sql for name in ("system", "code"))
    anywhere = _among(sql, code, frozenset(found for codes in held.values() for found in codes))
    tests = [f"({system} = {sql.dialect.text(of)} AND {_among(sql, code, codes)})" for of, codes in sorted(held.items())]
    return f"(CASE WHEN {system} IS NULL THEN {anywhere} ELSE {' OR '.join(tests)} END)"
