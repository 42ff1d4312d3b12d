"""Train the dictionaries that sealed originals and residues are packed with (run by hand, results committed, never changed afterwards).

    yba synth --seed 7 --claims 1500 --province 24 --out /tmp/train && YBA_VAR=/tmp/train/var python tools/train_packing.py /tmp/train/claims

Another seed and province than the frozen set of the benchmarks. A new dictionary is a new file with a new number, beside the old ones:
what was packed with a dictionary can never be read without it.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import orjson
import zstandard

from yba.ingest import mapping, row_keys
from yba.ingest.claims_xml import read_claim
from yba.ingest.landing.packing import DATA, FORMS, LEVEL, pieces
from yba.ingest.landing.peek import ranges
from yba.ingest.landing.scanner import Part
from yba.ingest.model import Envelope

FILES = 900
SIZES = {"original": 112_640, "residue": 16_384}  # bytes


def main(folder: Path) -> None:
    """Read synthetic files, train one dictionary a form."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    random.Random(1).shuffle(files)  # noqa: S311  which files are looked at is no secret
    originals: list[bytes | bytearray | memoryview[int]] = []
    residues: list[bytes | bytearray | memoryview[int]] = []
    for path in files[:FILES]:
        for head, one in ranges([path.read_bytes()]):
            originals.append(b"".join(pieces(one.data)))
            if one.part is Part.CLAIM and not head.fault:
                residues += residue(one.data, head.facility, lone=head.lone)
    for name, samples in (("original", originals), ("residue", residues)):
        made = zstandard.train_dictionary(SIZES[name], samples, level=LEVEL, dict_id=FORMS[name])
        (DATA / f"{name}-{FORMS[name]}.zdict").write_bytes(made.as_bytes())
        print(name, len(samples), "samples,", sum(map(len, samples)), "bytes ->", len(made))


def residue(data: bytes, facility: str, *, lone: bool) -> list[bytes]:
    """What the resources of a claim do not say, as it is packed; nothing for what cannot be read."""
    claim = read_claim(data, Envelope(facility=facility), lone=lone)
    if not claim.tables.get("XML1") or not claim.link:
        return []
    mapped = mapping.map_claim(claim, row_keys.fresh(claim.tables))
    return [b"".join(pieces(orjson.dumps(mapped.residue)))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
