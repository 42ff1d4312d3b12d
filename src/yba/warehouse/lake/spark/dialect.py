"""What is asked of the lake in DuckDB's SQL, written for Spark (sqlglot does nearly all of it), with what it reads and what it makes."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias
from uuid import UUID

from yba.kit.errors import Internal, Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

Node: TypeAlias = Any  # sqlglot's own, which is not installed everywhere
READ_ONLY: Final = "Spark answers questions (SELECT); the lake itself is written by yba warehouse refresh."
# They run whatever Java there is, which no reader of a lake needs.
_REFUSED: Final = frozenset(("REFLECT", "TRY_REFLECT", "JAVA_METHOD"))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One statement for Spark: a query, and what it is kept as ("" = it is asked and answered); a query of nothing does nothing."""

    sql: str
    makes: str = ""
    called: tuple[str, str] = ("", "")  # schema and name of what it makes, as they were written
    whole: bool = False  # a table: its rows are kept, whatever becomes of the files
    reads: frozenset[str] = frozenset()
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)  # tables of Parquet files that it reads


class Macro(NamedTuple):
    """What is written in the place of a call: an expression over its parameters."""

    names: tuple[str, ...]
    body: Node


def missing() -> str:
    """Say which library is not installed; "" when they all are."""
    return ", ".join(name for name in ("pyspark", "sqlglot") if importlib.util.find_spec(name) is None)


def speak(text: str, given: Mapping[str, object], files: Callable[[tuple[str, ...]], str], macros: dict[str, Macro]) -> list[Spoken]:
    """Write statements of DuckDB for Spark, parameters ($name) put in; ``files`` names the table of some Parquet files.

    ``macros`` are those known, by name; one that is made is added, and put in where it is called.

    Views and temporary tables are queries with a name; a schema is a part of names. Raises Invalid for what cannot be read or is no question.
    """
    sqlglot = importlib.import_module("sqlglot")
    try:
        trees = sqlglot.parse(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise Invalid(f"this SQL cannot be read: {_first_line(error)}") from None
    return [spoken for tree in trees if tree is not None and (spoken := _spoken(tree, given, files, macros))]


def _first_line(error: Exception) -> str:
    return re.sub(r"\x1b\[\d*m", "", str(error)).splitlines()[0][:200]


def _spoken(tree: Node, given: Mapping[str, object], files: Callable[[tuple[str, ...]], str], macros: dict[str, Macro]) -> Spoken | None:
    exp = importlib.import_module("sqlglot").exp
    makes, called, whole = "", ("", ""), False
    if isinstance(tree, exp.Create):
        if tree.kind == "SCHEMA":
            return None
        if tree.kind == "MACRO":
            macros[tree.this.this.name.upper()] = Macro(tuple(one.name for one in tree.this.expressions), tree.expression)
            return None
        if tree.expression is None or tree.kind not in {"VIEW", "TABLE"}:
            raise Invalid("this is no question.", advice=READ_ONLY)
        called, whole, tree = (tree.this.db or "main", tree.this.name), tree.kind == "TABLE", tree.expression
        makes = name_of("" if called[0] == "main" else called[0], called[1])
    if not isinstance(tree, exp.Query):
        raise Invalid("this is no question.", advice=READ_ONLY)
    for node in tree.find_all(exp.Placeholder, exp.Parameter):
        node.replace(_literal(exp, node.name, given))
    for node in list(tree.find_all(exp.Anonymous)):
        _call(exp, node, macros)
    for lateral in list(tree.find_all(exp.Lateral)):
        _lateral(exp, lateral)
    for node in tree.find_all(exp.Column):  # of a table with a schema: its name alone is enough, and all that a query says of it
        node.set("db", None)
    known = {one.alias for one in tree.find_all(exp.CTE)}
    read, asked = _tables(exp, tree, files, known)
    return Spoken(tree.sql("spark", comments=False), makes, called, whole, frozenset(read), asked)


def _tables(exp: Node, tree: Node, files: Callable[[tuple[str, ...]], str], known: set[str]) -> tuple[set[str], dict[str, tuple[str, ...]]]:
    """Give every table the one name Spark knows it by; returns the tables read and, of Parquet files, which."""
    read: set[str] = set()
    asked: dict[str, tuple[str, ...]] = {}
    for table in list(tree.find_all(exp.Table)):
        if isinstance(table.this, exp.ReadParquet):
            paths = tuple(one.name for one in table.find_all(exp.Literal))
            name = files(paths)
            asked[name] = paths
        elif isinstance(table.this, exp.Identifier):
            if not table.db and table.name in known:
                continue
            name = name_of(table.db, table.name)
            if not table.alias:
                table.set("alias", exp.TableAlias(this=exp.to_identifier(table.name, quoted=True)))
        else:
            continue  # unnest, a series: rows of the statement's own
        table.set("this", exp.to_identifier(name, quoted=True))
        table.set("db", None)
        table.set("catalog", None)
        read.add(name)
    return read, asked


def name_of(schema: str, name: str) -> str:
    """Give the one name of a table that has a schema: Spark's temporary views have none."""
    return re.sub(r"\W", "_", f"{schema}__{name}" if schema else name).lower()


def _lateral(exp: Node, lateral: Node) -> None:
    """Write rows made of columns of another table as Spark lets them be: each its own SELECT."""
    rows = lateral.find(exp.Values)
    alias = lateral.args.get("alias") or (rows.args.get("alias") if rows is not None else None)
    if rows is None or alias is None:
        return
    names = [one.name for one in alias.columns]
    selects = []
    for row in rows.expressions:
        columns = zip(row.expressions, names, strict=True)
        selects.append(exp.select(*(exp.alias_(value.copy(), name, quoted=True) for value, name in columns)))
    query = selects[0]
    for one in selects[1:]:
        query = exp.union(query, one, distinct=False)
    lateral.set("this", exp.Subquery(this=query))
    lateral.set("alias", exp.TableAlias(this=exp.to_identifier(alias.name, quoted=True)))


def _call(exp: Node, node: Node, macros: Mapping[str, Macro]) -> None:
    """Mend calls that sqlglot passes on as they are."""
    name = node.name.upper()
    if name in macros:
        macro = macros[name]
        put = dict(zip(macro.names, node.expressions, strict=True))
        node.replace(exp.paren(macro.body.transform(lambda one: put[one.name].copy() if isinstance(one, exp.Column) and one.name in put else one)))
    if name in _REFUSED:
        raise Invalid(f"{name.lower()} is not for readers.", advice=READ_ONLY)
    if name == "TO_MINUTES":
        zero = exp.Literal.number(0)
        node.replace(exp.Anonymous(this="make_dt_interval", expressions=[zero, zero.copy(), *node.expressions]))
    elif name == "ERROR":
        node.replace(exp.Anonymous(this="raise_error", expressions=node.expressions))


def _literal(exp: Node, name: str, given: Mapping[str, object]) -> Node:
    if name not in given:
        raise Internal(f"parameter ${name} was not given")
    return _written(exp, given[name])


def _written(exp: Node, value: object) -> Node:
    """Write a value as SQL does. Raises Internal for a type that no question of ours has."""
    if isinstance(value, list | tuple | set | frozenset):
        return exp.cast(exp.Array(expressions=[_written(exp, one) for one in value]), "VARCHAR[]" if not value else _type_of(value), dialect="duckdb")
    if value is None or isinstance(value, bool | int | float | Decimal | str):
        return exp.convert(value)
    if isinstance(value, datetime):
        return exp.cast(exp.Literal.string(value.isoformat(" ")), "TIMESTAMPTZ")
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE")
    if isinstance(value, UUID):
        return exp.Literal.string(str(value))
    raise Internal(f"a parameter is a {type(value).__name__}")


def _type_of(values: Collection[object]) -> str:
    return {str: "VARCHAR[]", int: "BIGINT[]", date: "DATE[]", UUID: "VARCHAR[]"}.get(type(next(iter(values))), "VARCHAR[]")
