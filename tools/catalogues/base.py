"""What every compiler shares: reading the gathered CSV files, checking rows and writing one edition."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

FIXED = ("code", "display", "display_en", "parent", "abstract", "alias")
Row = dict[str, str]


class CatalogueError(Exception):
    """The gathered data are not what the catalogue promises."""


@dataclass(frozen=True, slots=True)
class Source:
    """The folder with the gathered data; remembers which files were read."""

    root: Path
    read_files: dict[str, str]

    def rows(self, name: str) -> list[Row]:
        """All rows of one CSV file, every value stripped of outer blanks."""
        path = self.root / name
        raw = path.read_bytes()
        self.read_files[name] = hashlib.sha256(raw).hexdigest()
        reader = csv.DictReader(raw.decode("utf-8-sig").splitlines(keepends=True))
        return [{key: (value or "").strip() for key, value in row.items()} for row in reader]

    def text(self, name: str) -> str:
        """One file as text."""
        raw = (self.root / name).read_bytes()
        self.read_files[name] = hashlib.sha256(raw).hexdigest()
        return raw.decode("utf-8-sig")


def concept(code: str, display: str, display_en: str = "", **more: str) -> Row:
    """One row of an edition; ``more`` holds parent, abstract, alias and properties."""
    return {"code": code, "display": display, "display_en": display_en, **more}


def unique(rows: Iterable[Row], where: str) -> list[Row]:
    """The rows, refused when a code is empty or comes twice."""
    seen: set[str] = set()
    kept = []
    for row in rows:
        code = row["code"]
        if not code or code in seen:
            message = f"{where}: code {code!r} is empty or comes twice"
            raise CatalogueError(message)
        seen.add(code)
        kept.append(row)
    return kept


def clean(value: str) -> str:
    """A value fit for one cell: no tab, no line break, single blanks."""
    return " ".join(value.split())


def encode(rows: Sequence[Row]) -> bytes:
    """Rows as tab-separated text with a header, fixed columns first."""
    extra = sorted({key for row in rows for key in row} - set(FIXED))
    columns = [*FIXED, *extra]
    lines = ["\t".join(columns)]
    lines += ["\t".join(clean(row.get(column, "")) for column in columns) for row in rows]
    return "\n".join(lines).encode()


def write(path: Path, rows: Sequence[Row]) -> dict[str, object]:
    """Write one compressed file; returns its entry for the manifest (groups such as chapters are no codes)."""
    data = encode(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zstandard.ZstdCompressor(level=19, write_content_size=True).compress(data))
    codes = sum(1 for row in rows if not row.get("abstract"))
    return {"rows": len(rows), "codes": codes, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def flags(row: Mapping[str, str], names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The set flags of a row under our names."""
    for column, ours in names.items():
        if row[column] in {"1", "x", "X"}:
            yield ours, "1"
