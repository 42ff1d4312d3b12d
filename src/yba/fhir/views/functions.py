"""The FHIRPath functions that views speak, as SQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .collections import EMPTY, Alt, Coll, Unsupported, scalar, truthful
from .members import member_of
from .shapes import DATE, INTEGER, MOMENT, OBJECT, TEXT, TIME
from .values import VALUES, Function

if TYPE_CHECKING:
    from collections.abc import Callable

    from yba.fhir.fhirpath.parser import Tree

    from .dialect import Dialect
    from .expression import Translator
    from .operators import Scope


def _inside(one: Alt, scope: Scope, index: str | None = None) -> Scope:
    return replace(scope, this=Coll((one,)), index=index)


def _kept(sql: Translator, alt: Alt, tree: Tree, scope: Scope) -> Alt:
    """Return what of an alternative a criterion is true of."""
    if not alt.many:
        test = sql.condition(tree, _inside(alt, scope, "0"), loose=True)
        return replace(alt, sql=f"CASE WHEN {test} THEN {alt.sql} END", beside=None)
    each, index = sql.fresh(), sql.fresh("n")
    number = f"({index} - 1)" if sql.dialect.index_from else index
    test = sql.condition(tree, _inside(replace(alt, sql=each, many=False), scope, number), loose=True)
    return replace(alt, sql=sql.dialect.filter(alt.sql, each, f"coalesce({test}, false)", index if index in test else ""))


def _where(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    return Coll(tuple(_kept(sql, alt, tree.parts[0], scope) for alt in focus.alts))


def _exists(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    return truthful(sql.exists(_where(sql, focus, tree, scope) if tree.parts else focus))


def _all(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    found: list[str] = []
    for alt in focus.alts:
        each = sql.fresh()
        test = sql.condition(tree.parts[0], _inside(replace(alt, sql=each if alt.many else alt.sql, many=False), scope), loose=True)
        if alt.many:
            found.append(f"({sql.dialect.size(sql.dialect.filter(alt.sql, each, f'NOT coalesce({test}, false)'))} = 0)")
        else:
            found.append(f"({alt.sql} IS NULL OR coalesce({test}, false))")
    return truthful(" AND ".join(found) or "true")


def _select(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    found: list[Alt] = []
    for alt in focus.alts:
        name = sql.fresh()
        types = sql.tree(tree.parts[0], _inside(replace(alt, sql=name, many=False), scope)).alts if alt.many else None
        if types is None:
            inner = sql.tree(tree.parts[0], _inside(alt, scope)).alts
            found += [replace(one, sql=f"CASE WHEN {alt.sql} IS NOT NULL THEN {one.sql} END", beside=None) for one in inner]
            continue
        for one in types:
            items = sql.dialect.transform(alt.sql, name, one.sql)
            items = sql.dialect.flatten(items) if one.many else sql.without_nulls(items)
            found.append(replace(one, sql=items, many=True, beside=None))
    return Coll(tuple(found))


def _subset(take: Callable[[Translator, Alt], Alt]) -> Function:
    def run(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
        if len(focus.alts) > 1 and any(alt.many for alt in focus.alts):
            raise Unsupported(f"{tree.text}() needs values of one type: say which with ofType()", tree.place)
        return Coll(tuple(take(sql, alt) for alt in focus.alts))

    return Function(run)


def _last(sql: Translator, alt: Alt) -> Alt:
    return replace(alt, sql=sql.dialect.last(alt.sql), many=False) if alt.many else alt


def _tail(sql: Translator, alt: Alt) -> Alt:
    return replace(alt, sql=sql.dialect.rest(alt.sql, "1") if alt.many else f"CASE WHEN false THEN {alt.sql} END", beside=None)


def _alone(sql: Translator, alt: Alt) -> Alt:
    return sql.one(alt, "single() found several values")


def _sliced(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    number = sql.single(sql.tree(tree.parts[0], scope), tree.text)
    if number is None or not focus.alts:
        return EMPTY
    if len(focus.alts) > 1 or number.family != INTEGER:
        raise Unsupported(f"{tree.text}() needs values of one type and a whole number", tree.place)
    alt = focus.alts[0]
    count = f"greatest({number.sql}, 0)"
    items = sql.dialect.rest(sql.listed(alt), number.sql) if tree.text == "skip" else sql.dialect.rest(sql.listed(alt), "0", count)
    return Coll((replace(alt, sql=items, many=True, beside=None),))


def _empty(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    return truthful(f"(NOT {sql.exists(focus)})")


def _not(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    return truthful(f"(NOT ({sql.truth(focus)}))")


def _count(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    parts = [sql.dialect.size(alt.sql) if alt.many else f"CASE WHEN {sql.there(alt)} THEN 1 ELSE 0 END" for alt in focus.alts]
    return scalar("System.Integer", f"CAST({' + '.join(parts) or '0'} AS BIGINT)")


def _has_value(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    parts = [f"{sql.dialect.size(alt.sql)} = 1" if alt.many else f"{alt.sql} IS NOT NULL" for alt in focus.alts if alt.family != OBJECT]
    return truthful(f"({' OR '.join(parts) or 'false'})")


def _distinct(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    if any(alt.family in {OBJECT, DATE, MOMENT, TIME} or (alt.many and len(focus.alts) > 1) for alt in focus.alts):
        raise Unsupported("distinct() needs texts, numbers or booleans of one type", tree.place)
    return Coll(tuple(replace(alt, sql=sql.distinct(alt.sql)) if alt.many else alt for alt in focus.alts))


def _extension(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    url = sql.single(sql.tree(tree.parts[0], scope), "extension()")
    if url is None or url.family != TEXT:
        raise Unsupported("extension() needs a URL", tree.place)
    found: list[Alt] = []
    for alt in sql.member(focus, "extension").alts:
        each = sql.fresh()
        own = sql.member(Coll((replace(alt, sql=each, many=False),)), "url").alts[0]
        found.append(replace(alt, sql=sql.dialect.filter(alt.sql, each, f"{own.sql} = {url.sql}")))
    return Coll(tuple(found))


def _iif(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    here = replace(scope, this=focus) if tree.value is None and focus is not scope.this else scope
    test = sql.condition(tree.parts[0], here)
    if here is not scope and focus.many:
        sizes = " + ".join(sql.dialect.size(sql.listed(alt)) for alt in focus.alts)
        test = f"CASE WHEN {sizes} > 1 THEN {sql.fail('FHIRPath: iif() needs at most one value before it')} ELSE {test} END"
    chosen = [sql.single(sql.tree(part, here), "iif()") for part in tree.parts[1:]]
    given = [alt for alt in chosen if alt is not None]
    if not given:
        return EMPTY
    if len({alt.family for alt in given}) > 1:
        raise Unsupported("both results of iif() need one type", tree.place)
    yes = chosen[0].sql if chosen[0] is not None else "NULL"
    no = f" ELSE {chosen[1].sql}" if len(chosen) > 1 and chosen[1] is not None else ""
    return Coll((Alt(given[0].type, f"CASE WHEN {test} THEN {yes}{no} END"),))


def _coalesce(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    given = [alt for part in tree.parts if (alt := sql.single(sql.tree(part, scope), "coalesce()")) is not None]
    if len({alt.family for alt in given}) > 1:
        raise Unsupported("all arguments of coalesce() need one type", tree.place)
    return Coll((Alt(given[0].type, f"coalesce({', '.join(alt.sql for alt in given)})"),)) if given else EMPTY


# --- keys


def _resource_key(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:
    if focus is not scope.resource or len(focus.alts) != 1:
        raise Unsupported("getResourceKey() is asked of the resource itself", tree.place)
    type_ = focus.alts[0].type
    own = sql.single(sql.member(focus, "id"), "id")
    if own is None:
        raise Unsupported("getResourceKey() is asked of the resource itself", tree.place)
    return scalar("id", f"({sql.dialect.text(f'{type_}/')} || {own.sql})")


def _key(dialect: Dialect, kind: str) -> Callable[[Alt], Alt]:
    """Return Type/id at the end of a reference, its version left out; what has another form (urn:, #contained) has no key."""
    pattern = dialect.text(f"^(.*/)?({kind or '[A-Z][A-Za-z]+'}/[^/]+?)(/_history/.*)?$")

    def key(one: Alt) -> Alt:
        text = one.sql
        other = f"nullif(regexp_extract({text}, {pattern}, 2), '')"
        begins = f"substr({text}, 1, {len(kind) + 1}) = '{kind}/'" if kind else f"substr({text}, 1, 1) BETWEEN 'A' AND 'Z'"
        plain = f"{begins} AND length({text}) - length(replace({text}, '/', '')) = 1 AND substr({text}, -1) <> '/'"
        return Alt("id", f"CASE WHEN {plain} THEN {text} ELSE {other} END")  # nearly all are Type/id: a third of the time of the pattern

    return key


def _reference_key(sql: Translator, focus: Coll, tree: Tree, scope: Scope) -> Coll:  # noqa: ARG001
    kind = ""
    if tree.parts:
        part = tree.parts[0]
        kind = part.text if part.kind in {"member", "literal"} else part.parts[-1].text if part.parts else ""
        if not kind.isalpha():
            raise Unsupported("getReferenceKey() takes a resource type", tree.place)
    found: list[Alt] = []
    for alt in focus.alts:
        if alt.type != "Reference":
            raise Unsupported(f"getReferenceKey() is asked of references, not of {alt.type}", tree.place)
        given = sql.member(Coll((alt,)), "reference").alts[0]
        found.append(sql.each(given, _key(sql.dialect, kind)))
    return Coll(tuple(found))


FUNCTIONS: Final[dict[str, Function]] = {
    **VALUES,
    "where": Function(_where, 1, 1),
    "exists": Function(_exists, 0, 1),
    "all": Function(_all, 1, 1),
    "select": Function(_select, 1, 1),
    "empty": Function(_empty),
    "not": Function(_not),
    "count": Function(_count),
    "hasValue": Function(_has_value),
    "distinct": Function(_distinct),
    "first": _subset(lambda sql, alt: sql.first(alt)),
    "last": _subset(_last),
    "tail": _subset(_tail),
    "single": _subset(_alone),
    "skip": Function(_sliced, 1, 1),
    "take": Function(_sliced, 1, 1),
    "extension": Function(_extension, 1, 1),
    "iif": Function(_iif, 2, 3),
    "coalesce": Function(_coalesce, 1, 20),
    "memberOf": Function(member_of, 1, 1),
    "getResourceKey": Function(_resource_key),
    "getReferenceKey": Function(_reference_key, 0, 1),
}
