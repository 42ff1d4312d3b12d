"""unmap: resources and residue become the rows of the claim again, field for field as raw text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba.kit import exact
from yba.kit.ids import derived_text

from .codecs import CODECS
from .defaults import expected
from .paths import find, find_each
from .release import REFERENCES, RESIDUE, Home, Role, TableMap, release

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Doc, Row


class Lost(ValueError):
    """A claim cannot be rebuilt: a resource or a value its residue counts on is not there. The message names table, row and field."""


def read(text: str | bytes) -> Doc:
    """Read a stored resource with its decimals as written (orjson would make 6300.000 a float)."""
    doc: Doc = exact.numbers(text)
    return doc


def unmap(resources: Iterable[Doc], residue: Doc) -> dict[str, list[Row]]:
    """Rebuild a claim from its resources (`read`) and its residue; raises Lost.

    Further resources (of other claims, shared ones) do no harm. Every row of every table, in their order; the fields of a row are in
    the order of the mapping files, unknown ones last.
    """
    docs = {(doc["resourceType"], doc["id"]): doc for doc in resources}
    work = _Inverse(docs, residue)
    # results look at the service rows they belong to
    made = {part[0]: work.table(*part) for part in sorted(residue["t"], key=lambda part: part[0] == "XML4")}
    return {part[0]: made[part[0]] for part in residue["t"]}


class _Inverse:
    """One run of unmap."""

    def __init__(self, docs: dict[tuple[str, str], Doc], residue: Doc) -> None:
        self.docs, self.residue = docs, residue
        self.facility, self.link = residue["f"], residue["l"]
        self.tables = release(residue["v"])
        self.header: Row = {}
        self.items: dict[str, Doc] = {}
        self.last = "0"
        self.above: Row = {}
        self.service: str | None = None
        self.services: list[Row] = []
        header = next((part for part in residue["t"] if part[0] == "XML1"), None)
        if header is not None:
            self.header = next(iter(self.table(*header)), {})
            key = 1 if isinstance(header[1], int) else header[1][0]
            claim = self.docs.get(("Claim", self._id("Claim", "XML1", key, "claim")), {})
            self.items = {item["id"]: item for item in claim.get("item", ())}

    def table(
        self, name: str, keys: int | list[int], shapes: list[list[str]], which: int | list[int], raw: Doc, pairs: list[int] | None = None
    ) -> list[Row]:
        """Rebuild one table."""
        numbers = list(range(1, keys + 1)) if isinstance(keys, int) else keys
        rows: list[Row] = []
        self.last, self.above = "0", {}
        for index, key in enumerate(numbers):
            shape = 0 if isinstance(which, int) else which[index]
            over: Row = raw.get(str(index), {})
            if shape < 0:
                rows.append(dict(over))
                continue
            at = pairs[index] if pairs else -1
            self.service = self.services[at].get("MA_DICH_VU") if at >= 0 else None
            self.above = self._row(self.tables[name], index, key, shapes[shape], over)
            rows.append(self.above)
        if name == "XML3":
            self.services = rows
        return rows

    def _row(self, table: TableMap, index: int, key: int, shape: list[str], over: Row) -> Row:
        variant, mask = shape[0], int(shape[1], 16)
        row: Row = {}
        later: list[tuple[str, str]] = []
        for name in table.fields:
            if not mask & table.bit[name]:
                continue
            raw = over.get(name)
            if raw is None:
                home = table.home(variant, name)
                raw = self._value(table, home, key) if home else None
                if raw is None:
                    later.append((name, home.default if home else ""))
                    raw = ""
            row[name] = raw
        row.update({name: raw for name, raw in over.items() if name not in row})
        if table.name == "XML1" and not self.header:
            self.header = row
        for name, default in later:
            said = expected(default, self, row, name, index) if default else None
            if said is None:
                message = f"{table.name}, row {index + 1}, {name}: its value is nowhere"
                raise Lost(message)
            row[name] = said
        self.last = row.get("STT", self.last)
        return row

    def _value(self, table: TableMap, home: Home, key: int) -> str | None:
        """Read one value at its home; None when it is not there."""
        if home.role == RESIDUE:
            return None
        doc = self._doc(table, table.roles[home.role], key)
        if doc is None:
            return None
        if home.each:
            values = find_each(doc, home.steps)
            return ";".join(_decoded(home, value) for value in values) if values else None
        value = find(doc, home.steps)
        return None if value is None else _decoded(home, value)

    def _doc(self, table: TableMap, role: Role, key: int) -> Doc | None:
        if role.inside:
            return self.items.get(f"{table.name[3:]}.{key}")
        return self.docs.get((role.rtype, self._id(role.rtype, table.name, key, role.name)))

    def _id(self, rtype: str, table: str, key: int, role: str) -> str:
        return derived_text(rtype, self.facility, self.link, table, key, role)


def _decoded(home: Home, value: Any) -> str:  # noqa: ANN401 - any JSON value
    if home.codec in REFERENCES:
        return str(value["display"])
    return CODECS[home.codec].decode(value)
