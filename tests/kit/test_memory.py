"""Large pages are asked for where the kernel has them, and nothing a process holds changes by it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from yba.kit import memory

ALLOWED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
WORK = """
from pathlib import Path
from yba.kit.memory import in_large_pages
texts = [str(number) * 9 for number in range(500_000)]
large = in_large_pages()
held = sum(int(line.split()[1]) for line in Path("/proc/self/smaps").read_text().splitlines() if line.startswith("AnonHugePages"))
assert texts == [str(number) * 9 for number in range(500_000)]
print(large, held * 1024)
"""


@pytest.mark.skipif(not ALLOWED.exists() or "[never]" in ALLOWED.read_text("ascii"), reason="this kernel has no large pages")
def test_what_a_process_holds_lies_in_large_pages_and_is_the_same():
    large, held = map(int, subprocess.run([sys.executable, "-c", WORK], check=True, capture_output=True, text=True).stdout.split())
    assert held >= large  # a kernel before 6.1 does it in its own time: 0


@pytest.mark.parametrize("said", ["always madvise [never]\n", None])
def test_nothing_is_asked_where_the_operator_said_never_or_there_is_no_such_thing(said, tmp_path, monkeypatch):
    path = tmp_path / "enabled"
    if said:
        path.write_text(said)
    monkeypatch.setattr(memory, "_ALLOWED", path)
    monkeypatch.setattr(memory, "_own", lambda: pytest.fail("looked at its memory"))
    assert memory.in_large_pages() == 0


def test_only_whole_large_pages_of_its_own_memory_are_meant(tmp_path, monkeypatch):
    maps = tmp_path / "maps"
    maps.write_text(
        "00400000-00a00000 rw-p 00000000 08:01 77 /usr/bin/python3\n"  # of a file
        "00c00000-01500000 rw-p 00000000 00:00 0 [heap]\n"
        "7f0000100000-7f0000700000 rw-p 00000000 00:00 0 \n"
        "7f0000900000-7f0000a00000 rw-p 00000000 00:00 0 \n"  # smaller than a page
        "7f0001000000-7f0001600000 r--p 00000000 00:00 0 \n"
        "7ffc00000000-7ffc00800000 rw-p 00000000 00:00 0 [stack]\n"
    )
    monkeypatch.setattr(memory, "_MAPS", maps)
    assert list(memory._own()) == [(0xC00000, 0x1400000), (0x7F0000200000, 0x7F0000600000)]
