"""Golden folders of the mapping: what is written into out.json, and the command that writes it."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import orjson

from tests.ingest.mapping import samples
from yba.ingest.mapping import map_claim, read
from yba.ingest.model import ParsedClaim

FOLDER = Path(__file__).parents[2] / "golden" / "mapping"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def cases() -> list[Path]:
    """Every case."""
    return sorted(path.parent for path in FOLDER.glob("*/in.json"))


def parsed(case: Path) -> ParsedClaim:
    """The claim of a case."""
    data = orjson.loads((case / "in.json").read_bytes())
    link = data["tables"]["XML1"][0]["MA_LK"].strip()
    return samples.claim(data["tables"], data["decision"], link)


def outcome(claim: ParsedClaim) -> bytes:
    """The mapping of a claim with readable ids (the real ones hang on the installation's key)."""
    mapped = map_claim(claim, samples.keys(claim))
    names: dict[str, str] = {}
    for one in mapped.resources:
        names[one.id] = f"{one.rtype}-{sum(name.startswith(f'{one.rtype}-') for name in names.values()) + 1}"
    resources: list[Any] = [
        {"table": one.table, "row": one.row_key, "labels": one.labels, "doc": read(orjson.dumps(one.doc))} for one in mapped.resources
    ]
    text = orjson.dumps({"resources": resources, "residue": mapped.residue}, default=_number, option=orjson.OPT_INDENT_2).decode()
    return (_UUID.sub(lambda match: names.get(match[0], "Patient-source"), text) + "\n").encode()


def _number(value: object) -> orjson.Fragment:
    return orjson.Fragment(str(value).encode())


if __name__ == "__main__":
    for folder in cases():
        (folder / "out.json").write_bytes(outcome(parsed(folder)))
        sys.stdout.write(f"{folder.name}\n")
