"""The packaged files: what the manifest says, what the page says, and what they cost to open."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path

import orjson
import pytest
import zstandard

from tools.catalogues.page import page
from yba.kit import Internal
from yba.terminology import all_lists, files

ROOT = Path(__file__).parents[2]
CODES = ROOT / "src/yba/specs/codes"
MANIFEST = orjson.loads((CODES / "manifest.json").read_bytes())
DAY = date(2026, 8, 1)


def test_every_file_is_the_one_that_was_compiled_and_no_other_lies_there():
    for name, entry in MANIFEST["files"].items():
        data = zstandard.ZstdDecompressor().decompress((CODES / f"{name}.tsv.zst").read_bytes(), max_output_size=1 << 28)
        assert hashlib.sha256(data).hexdigest() == entry["sha256"], name
    assert {str(p.relative_to(CODES)).removesuffix(".tsv.zst") for p in CODES.rglob("*.zst")} == set(MANIFEST["files"])


def test_every_edition_has_its_file_and_every_file_its_entry():
    editions = {f"{info.id}/{edition.id}" for info in all_lists() for edition in info.editions}
    assert {name for name in MANIFEST["files"] if not name.startswith("maps/")} <= editions


def test_the_page_is_what_the_catalogue_says():
    catalogue = tomllib.loads((CODES / "catalogue.toml").read_text("utf-8"))
    assert (ROOT / "docs/reference/catalogues.md").read_text("utf-8") == page(catalogue, MANIFEST)


def test_a_damaged_file_is_noticed():
    data = b"code\tdisplay\tdisplay_en\tparent\tabstract\talias\nA\tx\t\t\t\t"
    assert files.rows(data, "x", 1)[1].keys() == {"A"}
    with pytest.raises(Internal, match="2 expected"):
        files.rows(data, "x", 2)
    with pytest.raises(Internal):
        files.rows(b"kode\n", "x", None)


COST = """
import resource
from datetime import date
import yba.terminology as t
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
t.lookup("icd10", "J189", date(2026, 8, 1))
for info in t.all_lists():
    for on in (date(2025, 3, 1), date(2026, 8, 1)):
        t.lookup(info.id, "x", on)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


def test_opening_everything_stays_small():
    measured = [subprocess.run([sys.executable, "-c", COST], capture_output=True, text=True, check=True).stdout for _ in range(3)]
    assert min(map(float, measured)) < 60  # megabytes for every list of two years
