"""What a view needs of a document: the tree of JSON properties from which the schema that reads it is made."""

from __future__ import annotations

from typing import Any, Final

import orjson

from yba.fhir.definitions import is_primitive

TEXT: Final = "text"
BOOLEAN: Final = "boolean"
INTEGER: Final = "integer"
DECIMAL: Final = "decimal"
DATE: Final = "date"
MOMENT: Final = "moment"
TIME: Final = "time"
OBJECT: Final = "object"
_FAMILIES: Final = {
    "boolean": BOOLEAN,
    "integer": INTEGER,
    "integer64": INTEGER,
    "positiveInt": INTEGER,
    "unsignedInt": INTEGER,
    "decimal": DECIMAL,
    "date": DATE,
    "dateTime": MOMENT,
    "instant": MOMENT,
    "time": TIME,
    "System.Boolean": BOOLEAN,
    "System.Integer": INTEGER,
    "System.Decimal": DECIMAL,
    "System.Date": DATE,
    "System.DateTime": MOMENT,
    "System.Time": TIME,
    "System.String": TEXT,
}


def family(type_: str) -> str:
    """Return how values of a type are kept and compared: texts, numbers, dates, moments, objects."""
    return _FAMILIES.get(type_) or (TEXT if is_primitive(type_) else OBJECT)


class Shape:
    """One element that is read: which of its properties, or (`whole`) all of it as JSON; `written`: a number as the text it is written with.

    `resources`: what is needed of the resources of each type, where any of them may stand; `loose`: it is one of these, read by itself.
    """

    __slots__ = ("fields", "loose", "resources", "top", "type", "whole", "written")

    def __init__(self, type_: str, top: Shape | None = None, *, loose: bool = False) -> None:
        """Begin with nothing that is needed. `top`: that of the document it stands in."""
        self.type, self.loose = type_, loose
        self.top = top or self
        self.fields: dict[str, tuple[Shape, bool]] = {}
        self.resources: dict[str, Shape] = {}
        self.whole = False
        self.written = False

    def child(self, key: str, type_: str, *, many: bool) -> Shape:
        """Return the shape of a property, which is needed from now on."""
        if key not in self.fields:
            self.fields[key] = (Shape(type_, self.top), many)
        return self.fields[key][0]

    def share(self, key: str, shape: Shape) -> None:
        """Read a property, which is no list, by the shape of another: whatever is needed of either is read of both."""
        before = self.fields.get(key, (shape, False))[0]
        self.fields[key] = (shape, False)
        if before is not shape:
            shape.adopt(before)

    def adopt(self, other: Shape) -> None:
        """Need what another shape needs, too."""
        self.whole, self.written = self.whole or other.whole, self.written or other.written
        for key, (inner, many) in other.fields.items():
            self.child(key, inner.type, many=many).adopt(inner)

    def inner(self, type_: str) -> Shape:
        """Return the shape of a resource of a type that stands here as JSON, from which each is read as what it is."""
        return self.resources.setdefault(type_, Shape(type_, self.top, loose=True))

    @property
    def closed(self) -> bool:
        """Whether its values are JSON that has to be read before anything is taken out."""
        return self.whole or self.loose or bool(self.resources)

    @property
    def as_json(self) -> bool:
        """Whether it stands in its parent's struct as JSON: all of it is wanted, or each as what it is, or only whether it is there."""
        return self.closed or (not self.fields and family(self.type) == OBJECT)

    def written_keys(self) -> frozenset[str]:
        """Return the properties whose numbers are needed as they are written; none where somebody wants all of an element as it is."""
        found: set[str] = set()
        return frozenset(found) if self.collect(found) else frozenset()

    def collect(self, keys: set[str]) -> bool:
        """Add the properties that are needed as they are written; False where all of an element is wanted."""
        for key, (shape, _) in self.fields.items():
            if shape.whole or not shape.collect(keys):
                return False
            if shape.written:
                keys.add(key)
        return all(not shape.whole and shape.collect(keys) for shape in self.resources.values())

    def as_duckdb(self) -> str:
        """Return the structure for DuckDB's from_json."""
        leaves = {BOOLEAN: "BOOLEAN", INTEGER: "BIGINT", DECIMAL: "DOUBLE"}
        return orjson.dumps(self._nested(leaves, self.top.written_keys())).decode()

    def _nested(self, leaves: dict[str, str], written: frozenset[str]) -> Any:  # noqa: ANN401  JSON
        def one(key: str, shape: Shape) -> Any:  # noqa: ANN401  JSON
            if shape.as_json:
                return "JSON"
            if family(shape.type) == OBJECT:
                return shape._nested(leaves, written)
            return "VARCHAR" if shape.is_written(key, written) else leaves.get(family(shape.type), "VARCHAR")

        return {key: [one(key, shape)] if many else one(key, shape) for key, (shape, many) in self.fields.items()}

    def is_written(self, key: str, written: frozenset[str]) -> bool:
        """Whether a number is read as text: where it is needed so, or another of its name is."""
        return self.written or (key in written and family(self.type) == DECIMAL)

    def as_spark(self, written: frozenset[str] | None = None) -> str:
        """Return the structure as the DDL of a Spark type; `written`: the written keys of the whole."""
        written = self.top.written_keys() if written is None else written
        return f"STRUCT<{', '.join(_spark_field(key, shape, written, many=many) for key, (shape, many) in self.fields.items())}>"


def _spark_field(key: str, shape: Shape, written: frozenset[str], *, many: bool) -> str:
    leaves = {BOOLEAN: "BOOLEAN", INTEGER: "BIGINT", DECIMAL: "DOUBLE"}
    if shape.as_json:
        found = "STRING"
    elif family(shape.type) == OBJECT:
        found = shape.as_spark(written)
    else:
        found = "STRING" if shape.is_written(key, written) else leaves.get(family(shape.type), "STRING")
    return f"`{key}`: {f'ARRAY<{found}>' if many else found}"
