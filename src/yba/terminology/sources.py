"""Reading the files an operator loads: a CSV of codes (ATC), or a SNOMED CT RF2 snapshot as zip or folder."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from yba.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_ATC: Final = re.compile(r"[A-Z](?:[0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?)?")
_ATC_ABOVE: Final = {3: 1, 4: 3, 5: 4, 7: 5}
_SCTID: Final = re.compile(r"[1-9][0-9]{5,17}")
_IS_A: Final = "116680003"
_FSN: Final = "900000000000003001"
_COLUMNS: Final = {
    "code": ("code", "atc_code", "atc code", "ma", "mã"),
    "display": ("display", "name", "atc_name", "atc level name", "ten", "tên"),
    "display_vi": ("display_vi", "name_vi", "ten_vi", "tên tiếng việt"),
    "parent": ("parent", "parents"),
}
# Verhoeff: the check digit of a SNOMED CT identifier.
_D: Final = (
    "0123456789",
    "1234067895",
    "2340178956",
    "3401289567",
    "4012395678",
    "5987604321",
    "6598710432",
    "7659821043",
    "8765932104",
    "9876543210",
)
_P: Final = ("0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258")


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One code as the file gives it; ``display`` in the file's main language (English for ATC and SNOMED CT)."""

    code: str
    display: str
    display_vi: str
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class System:
    """A system that may be loaded by hand."""

    uri: str
    title: str
    valid: Callable[[str], bool]


def valid_atc(code: str) -> bool:
    """Whether it has the form of an ATC code of any level."""
    return _ATC.fullmatch(code) is not None


def valid_sctid(code: str) -> bool:
    """Whether it has the form and the Verhoeff check digit of a SNOMED CT identifier."""
    if _SCTID.fullmatch(code) is None:
        return False
    check = 0
    for at, digit in enumerate(reversed(code)):
        check = int(_D[check][int(_P[at % 8][int(digit)])])
    return check == 0


SYSTEMS: Final = {
    "atc": System("http://www.whocc.no/atc", "ATC", valid_atc),
    "snomed": System("http://snomed.info/sct", "SNOMED CT", valid_sctid),
}


def read_source(system: str, path: Path) -> list[SourceRow]:
    """The rows of a file; raises Invalid when it is not readable as codes of that system."""
    try:
        if system == "snomed" and (path.is_dir() or zipfile.is_zipfile(path)):
            return _rf2(path)
        return _table(system, path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        message = f"{path.name} is not UTF-8 (byte {fault.start})"
        raise Invalid(message, advice="Save it as CSV UTF-8.") from None
    except OSError as fault:
        message = f"{path} cannot be read: {fault.strerror}"
        raise Invalid(message) from None


def _table(system: str, text: str) -> list[SourceRow]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    names = {name.strip().lower(): name for name in reader.fieldnames or ()}
    found = {ours: next((names[n] for n in known if n in names), None) for ours, known in _COLUMNS.items()}
    if found["code"] is None or found["display"] is None:
        message = f"no columns code and name in the header {head[:80]!r}"
        raise Invalid(message, advice="The first line must name the columns: code,display[,display_vi][,parent].")
    return [_table_row(system, row, found) for row in reader]


def _table_row(system: str, row: dict[str, str], found: dict[str, str | None]) -> SourceRow:
    cell = {ours: (row.get(name) or "").strip() if name else "" for ours, name in found.items()}
    code = cell["code"]
    if cell["parent"]:
        parents = tuple(part.strip() for part in cell["parent"].split(";") if part.strip())
    else:
        above = _ATC_ABOVE.get(len(code)) if system == "atc" else None
        parents = (code[:above],) if above else ()
    return SourceRow(code, cell["display"], cell["display_vi"], parents)


def _rf2(path: Path) -> list[SourceRow]:
    """Active concepts with their fully specified name and is-a parents, of a snapshot release."""
    active = {row["id"] for row in _rf2_rows(path, "sct2_Concept_Snapshot") if row["active"] == "1"}
    names = {
        row["conceptId"]: row["term"]
        for row in _rf2_rows(path, "sct2_Description_Snapshot")
        if row["active"] == "1" and row["typeId"] == _FSN and row["conceptId"] in active
    }
    above: dict[str, list[str]] = {}
    for row in _rf2_rows(path, "sct2_Relationship_Snapshot"):
        if row["active"] == "1" and row["typeId"] == _IS_A and row["sourceId"] in active:
            above.setdefault(row["sourceId"], []).append(row["destinationId"])
    return [SourceRow(code, names.get(code, ""), "", tuple(above.get(code, ()))) for code in sorted(active)]


def _rf2_rows(path: Path, prefix: str) -> Iterator[dict[str, str]]:
    if path.is_dir():
        inside = next((p for p in sorted(path.rglob("*.txt")) if p.name.startswith(prefix)), None)
        if inside is None:
            raise _missing(prefix)
        with inside.open("rb") as stream:
            yield from _tabbed(stream)
        return
    with zipfile.ZipFile(path) as archive:
        name = next((n for n in sorted(archive.namelist()) if PurePosixPath(n).name.startswith(prefix)), None)
        if name is None:
            raise _missing(prefix)
        with archive.open(name) as stream:
            yield from _tabbed(stream)


def _tabbed(stream: IO[bytes]) -> Iterator[dict[str, str]]:
    with io.TextIOWrapper(stream, encoding="utf-8-sig", newline="\n") as lines:
        yield from csv.DictReader((line.rstrip("\r\n") for line in lines), delimiter="\t", quoting=csv.QUOTE_NONE)


def _missing(prefix: str) -> Invalid:
    return Invalid(f"no file {prefix}*.txt", advice="Give the RF2 release as zip or folder, with its Snapshot.")
