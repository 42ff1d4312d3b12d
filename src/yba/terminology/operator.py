"""Code systems we may not ship (ATC, SNOMED CT): checked and kept under var/terminology by the operator's load."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import orjson
import zstandard

from yba.kit import clock, settings
from yba.kit.errors import Invalid

from .model import EditionInfo, ListInfo
from .sources import SYSTEMS, read_source

if TYPE_CHECKING:
    from pathlib import Path

    from yba.kit import Actor

    from .sources import SourceRow

SHRINK: Final = 0.9  # a new edition with under nine tenths of the old one's codes is a broken file more often than a real one


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: counts against the edition before it, and the minutes kept beside the file."""

    system: str
    edition: str
    codes: int
    added: int
    removed: int
    sha256: str


def folder() -> Path:
    """Where loaded systems live; may not exist."""
    return settings.VAR() / "terminology"


def place(name: str, edition: str) -> Path:
    """The compiled file of one loaded edition."""
    return folder() / name / f"{edition}.tsv.zst"


def lists() -> dict[str, ListInfo]:
    """The systems loaded by the operator."""
    found = {}
    for name, system in SYSTEMS.items():
        minutes = sorted((folder() / name).glob("*.json"))
        editions = sorted((_edition(orjson.loads(m.read_bytes())) for m in minutes), key=lambda e: e.valid_from or date.min)
        if editions:
            found[name] = ListInfo(name, system.uri, system.title, system.title, "upper", tuple(editions))
    return found


def _edition(raw: dict[str, Any]) -> EditionInfo:
    return EditionInfo(
        id=raw["edition"],
        name=raw["name"],
        valid_from=date.fromisoformat(raw["valid_from"]),
        valid_to=None,
        binding_from=None,
        complete=False,
        why="loaded by the operator: no decision makes it binding",
        source=raw["source"],
        as_of=date.fromisoformat(raw["valid_from"]),
        licence=raw["licence"],
        flaws="",
        codes=raw["codes"],
    )


def load(system: str, path: Path, *, by: Actor, edition: str, valid_from: date, licence: str) -> Loaded:
    """Check a file of codes and make it an edition; raises Invalid with the first faults, and then keeps nothing.

    Checked: encoding, header, code pattern (SNOMED CT: check digit), duplicates, parents that exist, and that the
    list did not shrink below nine tenths of the edition before it.
    """
    if system not in SYSTEMS:
        message = f"{system!r} is not a system that is loaded by hand"
        raise Invalid(message, advice=f"Write one of: {', '.join(SYSTEMS)}.")
    if not edition or not edition.replace("-", "").replace(".", "").isalnum() or len(edition) > 40 or edition[0] == ".":  # noqa: PLR2004
        message = f"edition {edition!r} cannot be a file name"
        raise Invalid(message, advice="Write letters, digits, dots and hyphens, for example 2026-01.")
    rows = _checked(system, read_source(system, path))
    before = _codes_before(system, valid_from)
    if len(rows) < SHRINK * len(before):
        message = f"{system}: {len(rows)} codes, the edition before had {len(before)}"
        raise Invalid(message, advice="Is the file whole?")
    data = _compile(rows)
    digest = hashlib.sha256(data).hexdigest()
    minutes = {
        "edition": edition,
        "name": f"{SYSTEMS[system].title} {edition}",
        "valid_from": valid_from.isoformat(),
        "licence": licence,
        "source": path.name,
        "codes": len(rows),
        "sha256": digest,
        "loaded_by": by.name,
        "loaded_at": clock.now().isoformat(),
    }
    _keep(place(system, edition), data, minutes)
    codes = set(rows)
    return Loaded(system, edition, len(rows), len(codes - before), len(before - codes), digest)


def _checked(system: str, rows: list[SourceRow]) -> dict[str, SourceRow]:
    known: dict[str, SourceRow] = {}
    faults = []
    for row in rows:
        if not SYSTEMS[system].valid(row.code):
            faults.append(f"{row.code!r} is no {system} code")
        elif row.code in known:
            faults.append(f"{row.code} comes twice")
        elif not row.display.strip():
            faults.append(f"{row.code} has no name")
        known[row.code] = row
    faults += [f"{r.code}: parent {p} is missing" for r in known.values() for p in r.parents if p not in known]
    if faults or not known:
        message = "; ".join(faults[:5]) or "the file holds no codes"
        raise Invalid(message, advice=f"{len(faults)} faults in all." if faults else "")
    return known


def _codes_before(system: str, valid_from: date) -> set[str]:
    held = lists().get(system)
    earlier = [e for e in held.editions if (e.valid_from or date.min) <= valid_from] if held else []
    if not earlier:
        return set()
    text = zstandard.ZstdDecompressor().decompress(place(system, earlier[-1].id).read_bytes()).decode()
    return {line.split("\t", 1)[0] for line in text.split("\n")[1:]}


def _compile(rows: dict[str, SourceRow]) -> bytes:
    lines = ["code\tdisplay\tdisplay_en\tparent\tabstract\talias"]
    for row in rows.values():
        vi, en = (" ".join(text.split()) for text in (row.display_vi, row.display))
        lines.append(f"{row.code}\t{vi}\t{en}\t{';'.join(row.parents)}\t\t")
    return "\n".join(lines).encode()


def _keep(path: Path, data: bytes, minutes: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    temporary.write_bytes(zstandard.ZstdCompressor(level=10).compress(data))
    temporary.replace(path)
    path.with_name(f"{minutes['edition']}.json").write_bytes(orjson.dumps(minutes, option=orjson.OPT_INDENT_2))
