"""A 2 GB archive streams through: every claim accounted for, in less than 400 MB of memory."""

import subprocess
import sys
import zipfile

import orjson
import psutil
import pytest

from yba import synth

BYTES = 2 << 30
LIMIT_MB = 400


@pytest.mark.long
def test_a_2_gb_archive_in_under_400_mb(database, tmp_path):
    archive = tmp_path / "large.zip"
    files = list(synth.claims(7, 6000))
    present = written = copies = 0
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        while written < BYTES:  # the same files under other names: memory is what is measured, and repeats are quick
            for name, data in files:
                out.writestr(f"{copies}/{name}", data)
                written += len(data)
            copies += 1
    command = [sys.executable, "-m", "yba", "ingest", "--json", str(archive)]
    peak = 0
    with subprocess.Popen(command, env=database.env, stdout=subprocess.PIPE) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, sum(one.memory_full_info().pss for one in [watched, *watched.children(recursive=True)]))
                process.wait(0.5)
            except (psutil.NoSuchProcess, subprocess.TimeoutExpired):
                continue
        assert process.stdout is not None
        totals = orjson.loads(process.stdout.read().splitlines()[-1])
    present = totals["claims_present"]
    assert present == totals["claims_accepted"] + totals["claims_unchanged"] + totals["claims_replaced"] + totals["claims_rejected"]
    assert present == 6000 * copies
    assert peak < LIMIT_MB << 20, f"{peak >> 20} MB"
