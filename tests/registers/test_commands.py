"""The commands over a simulated province: synth, simulate, ingest, verify a batch, resume it, and read the report."""

import csv
import os
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from yba.cli import common
from yba.cli.main import yba
from yba.identity.registers import settings


@pytest.fixture
def province(tmp_path):
    done = CliRunner().invoke(yba, ["synth", "--population", "60", "--months", "1", "--seed", "3", "--out", str(tmp_path / "set"), "--dirt", "0"])
    assert done.exit_code == 0, done.output
    return tmp_path


def simulated(folder, kind, *more):
    """The server as a process of its own, and the settings it prints."""
    command = [sys.executable, "-m", "yba", "simulate", kind, "--truth", str(folder / "set" / "truth"), "--credentials", str(folder / f"{kind}.toml")]
    server = subprocess.Popen([*command, "--delay", "0", "0", *more], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    lines = [server.stdout.readline() for _ in range(3 if kind == "population" else 2)]
    return server, dict(re.fullmatch(r"export (\w+)=(.*)\n", line).groups() for line in lines)


def ended(server):
    server.terminate()  # SIGINT is ignored below nohup
    server.wait(10)
    server.stdout.close()


def run(database, told, *words):
    env = database.env | told
    return subprocess.run([sys.executable, "-m", "yba", *words], env=env, capture_output=True, text=True, check=False)


@pytest.mark.law("SKDT-R08")
def test_a_batch_from_claims_to_report(database, province):
    assert run(database, {}, "ingest", str(province / "set" / "claims")).returncode in {0, 3}
    server, told = simulated(province, "population", "--mode", "direct", "--faults", "0.1", "--errors", "3")
    try:
        first = run(database, told | {"YBA_POPULATION_PER_DAY": "10", "YBA_POPULATION_PER_MINUTE": "6000"}, "identity", "verify", "batch")
        assert first.returncode == 1, first.stderr
        resume = re.search(r"--resume (\S+)", first.stderr)[1]
        report = province / "report.csv"
        again = run(
            database, told | {"YBA_POPULATION_PER_MINUTE": "6000"}, "identity", "verify", "batch", "--resume", resume, "--report", str(report)
        )
        assert again.returncode == 0, again.stderr
        state = run(database, told, "identity", "verify", "state")
        assert "population" in state.stdout
    finally:
        ended(server)
    with report.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) > 10
    assert {line["Kết quả"] for line in lines} <= {"có trong CSDL", "không tìm thấy", "không trả lời", "trả lời hỏng"}
    assert sum(line["Họ tên"] == "khớp" for line in lines) > len(lines) * 0.7
    text = report.read_text("utf-8-sig")
    with (province / "set" / "truth" / "residents.csv").open(encoding="utf-8", newline="") as file:
        for one in csv.DictReader(file):
            assert one["citizen_number"] not in text
            assert one["name"] not in text


def test_a_card_of_the_province(database, province):
    server, told = simulated(province, "card", "--facility", "11001", "--faults", "0")
    with (province / "set" / "truth" / "cards.csv").open(encoding="utf-8", newline="") as file:
        card = next(row for row in csv.DictReader(file) if row["valid_to"] >= "20301231")
    with (province / "set" / "truth" / "residents.csv").open(encoding="utf-8", newline="") as file:
        whose = next(row for row in csv.DictReader(file) if row["person_id"] == card["person_id"])
    birth = f"{whose['birth'][:4]}-{whose['birth'][4:6]}-{whose['birth'][6:8]}"
    words = ["identity", "verify", "card", card["number"], "--name", whose["name"], "--birth", birth, "--for", "11001"]
    try:
        found = run(database, told, *words)
        assert card["registered_at"] in found.stdout, found.stderr
        assert run(database, told, *words[:4], "--name", "Người Khác", "--birth", birth, "--for", "11001").returncode == 3
    finally:
        ended(server)


def test_labels_and_unknown_patients(database, tmp_path, monkeypatch):
    monkeypatch.setattr(common.app, "setup", lambda **_: 0)  # database and tables are there

    def said(*words):
        done = CliRunner().invoke(yba, ["identity", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    code = said("unknown", "register", "--at", "11001", "--sex", "male", "--age", "30", "45", "--marks", "sẹo ở trán").split()[0]
    listed = said("unknown", "list")
    assert code in listed
    assert "chưa báo" in listed
    out = tmp_path / "label.svg"
    said("temporary", "label", code, "--out", str(out), "--sex", "male")
    assert code in out.read_text("utf-8")
    assert "đã báo" in said("unknown", "told", code, "--how", "Điện thoại UBND xã")
    said("number", "set", code, "011085000009")
    assert code in said("show", code)
    assert said("show", "011085000009") == said("show", code)
    ahead = said("temporary", "give", "--at", "11001", "--kind", "newborn", "--count", "3").split()
    assert len(set(ahead)) == 3
    said("temporary", "attach", ahead[0], code)
    assert said("show", ahead[0]) == said("show", code)


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("POPULATION", "http://example.org"), ("POPULATION", "https://u:p@host"), ("POPULATION", "https://host/?next=http://evil"), ("CARD", "ftp://host"),
        ("CARD", "file:///etc/passwd"), ("POPULATION", "//host"),
    ],
)  # fmt: skip
def test_only_plain_https_addresses_are_taken(setting, wrong):
    with pytest.raises(ValueError, match=re.escape(wrong)):
        settings._address(wrong)
