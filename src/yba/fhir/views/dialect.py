"""The few places where DuckDB and Spark write SQL differently: lambdas, lists, structs, JSON by schema, unnesting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .shapes import Shape

DECIMAL: Final = "DECIMAL(38,10)"


@dataclass(frozen=True, slots=True)
class DuckDB:
    """DuckDB 1.4 and later."""

    name: str = "duckdb"
    text_type: str = "VARCHAR"
    double_type: str = "DOUBLE"
    moment_type: str = "TIMESTAMPTZ"
    json_type: str = "JSON"
    index_from: int = 1  # of lambdas with an index
    everywhere: str = ", 'g'"  # the last argument of regexp_replace
    quoted: str = r'"\1":"\2"'  # a property and its number as a text

    def name_of(self, name: str) -> str:
        """Quote a name."""
        return '"' + name.replace('"', '""') + '"'

    def text(self, value: str) -> str:
        """Write a text literal."""
        return "'" + value.replace("'", "''") + "'"

    def list_type(self, of: str) -> str:
        """Name the type of lists."""
        return f"{of}[]"

    def struct_type(self, fields: list[tuple[str, str]]) -> str:
        """Name the type of structs."""
        return f"STRUCT({', '.join(f'{self.name_of(name)} {type_}' for name, type_ in fields)})"

    def parse(self, doc: str, shape: Shape) -> str:
        """Read JSON into a struct of what is needed of it."""
        return f"from_json({self.written(doc, shape)}, {self.text(shape.as_duckdb())})"

    def written(self, doc: str, shape: Shape) -> str:
        """Make texts of the numbers that are needed as they are written: readers make 12.5 of 12.50. A text of JSON holds no bare quote."""
        keys = "|".join(sorted(shape.written_keys()))
        if not keys:
            return doc
        pattern = rf'"({keys})"\s*:\s*(-?[0-9]+(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?)'
        return f"regexp_replace({doc}, {self.text(pattern)}, {self.text(self.quoted)}{self.everywhere})"

    def append(self, items: str, item: str) -> str:
        """Put an item at the end of a list."""
        return f"list_append({items}, {item})"

    def sort(self, items: str) -> str:
        """Sort a list; structs by their first field."""
        return f"list_sort({items})"

    def fold(self, times: str, begin: str, state: str, step: str) -> str:
        """Do a step so many times, at least once, each time with what the last one gave."""
        return f"list_reduce(range({times}), lambda {state}, turn: {step}, {begin})"

    def transform(self, items: str, each: str, body: str, index: str = "") -> str:
        """Make a list of what `body` says of each item."""
        names = f"{each}, {index}" if index else each
        return f"list_transform({items}, lambda {names}: {body})"

    def filter(self, items: str, each: str, test: str, index: str = "") -> str:
        """Keep the items of which a test is true."""
        names = f"{each}, {index}" if index else each
        return f"list_filter({items}, lambda {names}: {test})"

    def flatten(self, lists: str) -> str:
        """Make one list of lists; those that are null are left out."""
        return f"flatten({lists})"

    def list_of(self, *items: str) -> str:
        """Write a list."""
        return f"[{', '.join(items)}]"

    def concat(self, lists: list[str]) -> str:
        """Put lists together; those that are null are left out."""
        return lists[0] if len(lists) == 1 else f"list_concat({', '.join(lists)})"

    def size(self, items: str) -> str:
        """Count items; of null there are none."""
        return f"coalesce(len({items}), 0)"

    def at(self, items: str, number: str) -> str:
        """Take the item at a place counted from 0; null where there is none."""
        return f"list_extract({items}, {int(number) + 1 if number.isdecimal() else f'({number}) + 1'})"

    def last(self, items: str) -> str:
        """Take the last item; null where there is none."""
        return f"list_extract({items}, -1)"

    def rest(self, items: str, begin: str, count: str | None = None) -> str:
        """Take items from a place counted from 0, all or so many."""
        end = f"len({items})" if count is None else f"greatest({begin}, 0) + {count}"
        return f"list_slice({items}, greatest({begin}, 0) + 1, {end})"

    def has(self, items: str, item: str) -> str:
        """Whether a list holds an item."""
        return f"list_contains({items}, {item})"

    def position(self, items: str, item: str) -> str:
        """Return the first place of an item, counted from 1."""
        return f"list_position({items}, {item})"

    def join(self, items: str, between: str) -> str:
        """Join texts."""
        return f"array_to_string({items}, {between})"

    def struct(self, fields: list[tuple[str, str]]) -> str:
        """Make a struct."""
        return "{" + ", ".join(f"{self.text(name)}: {value}" for name, value in fields) + "}"

    def fail(self, message: str) -> str:
        """Raise an error when a row comes by here."""
        return f"error({self.text(message)})"

    def numbers(self, items: str) -> str:
        """Return the numbers 0, 1, … of a list's items."""
        return f"range({self.size(items)})"

    def unnest(self, items: str, value: str, index: str | None) -> str:
        """Return the part of a SELECT that gives a row for each item."""
        numbered = f", unnest({self.numbers(items)}) AS {index}" if index else ""
        return f"unnest({items}) AS {value}{numbered}"


@dataclass(frozen=True, slots=True)
class Spark(DuckDB):
    """Spark SQL 4: backquoted names, backslashes in literals, arrays, `from_json` with a DDL schema."""

    name: str = "spark"
    text_type: str = "STRING"
    moment_type: str = "TIMESTAMP"
    json_type: str = "STRING"
    index_from: int = 0
    everywhere: str = ""
    quoted: str = '"$1":"$2"'

    def name_of(self, name: str) -> str:
        """Quote a name."""
        return f"`{name}`"

    def text(self, value: str) -> str:
        """Write a text literal."""
        # Spark puts settings and the environment for ${…} before it reads a statement, in literals too; "\\{" is the same brace without that
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("${", "$\\{") + "'"

    def list_type(self, of: str) -> str:
        """Name the type of lists."""
        return f"ARRAY<{of}>"

    def struct_type(self, fields: list[tuple[str, str]]) -> str:
        """Name the type of structs."""
        return f"STRUCT<{', '.join(f'{self.name_of(name)}: {type_}' for name, type_ in fields)}>"

    def parse(self, doc: str, shape: Shape) -> str:
        """Read JSON into a struct of what is needed of it."""
        return f"from_json({self.written(doc, shape)}, {self.text(shape.as_spark())})"

    def append(self, items: str, item: str) -> str:
        """Put an item at the end of a list."""
        return f"array_append({items}, {item})"

    def sort(self, items: str) -> str:
        """Sort a list; structs by their first field."""
        return f"array_sort({items})"

    def fold(self, times: str, begin: str, state: str, step: str) -> str:
        """Do a step so many times, at least once, each time with what the last one gave."""
        return f"aggregate(sequence(1, {times}), {begin}, ({state}, turn) -> {step})"

    def transform(self, items: str, each: str, body: str, index: str = "") -> str:
        """Make a list of what `body` says of each item."""
        return f"transform({items}, {f'({each}, {index})' if index else each} -> {body})"

    def filter(self, items: str, each: str, test: str, index: str = "") -> str:
        """Keep the items of which a test is true."""
        return f"filter({items}, {f'({each}, {index})' if index else each} -> {test})"

    def flatten(self, lists: str) -> str:
        """Make one list of lists; those that are null are left out."""
        return f"flatten(filter({lists}, nothing -> nothing IS NOT NULL))"

    def list_of(self, *items: str) -> str:
        """Write a list."""
        return f"array({', '.join(items)})"

    def concat(self, lists: list[str]) -> str:
        """Put lists together; those that are null are left out."""
        return lists[0] if len(lists) == 1 else self.flatten(self.list_of(*lists))

    def size(self, items: str) -> str:
        """Count items; of null there are none."""
        return f"coalesce(array_size({items}), 0)"

    def at(self, items: str, number: str) -> str:
        """Take the item at a place counted from 0; null where there is none."""
        return f"get({items}, {number})"

    def last(self, items: str) -> str:
        """Take the last item; null where there is none."""
        return f"get({items}, array_size({items}) - 1)"

    def rest(self, items: str, begin: str, count: str | None = None) -> str:
        """Take items from a place counted from 0, all or so many."""
        return f"slice({items}, greatest({begin}, 0) + 1, {self.size(items) if count is None else count})"

    def has(self, items: str, item: str) -> str:
        """Whether a list holds an item."""
        return f"array_contains({items}, {item})"

    def position(self, items: str, item: str) -> str:
        """Return the first place of an item, counted from 1."""
        return f"array_position({items}, {item})"

    def join(self, items: str, between: str) -> str:
        """Join texts."""
        return f"array_join({items}, {between})"

    def struct(self, fields: list[tuple[str, str]]) -> str:
        """Make a struct."""
        return "named_struct(" + ", ".join(f"{self.text(name)}, {value}" for name, value in fields) + ")"

    def fail(self, message: str) -> str:
        """Raise an error when a row comes by here."""
        return f"raise_error({self.text(message)})"

    def unnest(self, items: str, value: str, index: str | None) -> str:
        """Return the part of a SELECT that gives a row for each item."""
        return f"posexplode({items}) AS ({index}, {value})" if index else f"explode({items}) AS {value}"


DUCKDB: Final = DuckDB()
SPARK: Final = Spark()
Dialect = DuckDB
