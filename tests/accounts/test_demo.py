"""Demo accounts: one per role, only in a demo data folder, and worth nothing anywhere else."""

import stat
import subprocess
import sys

import pytest

from tests import hashing
from tests.accounts.conftest import FACILITY, code_of, is_in, sign_in
from yba import accounts, directory
from yba.kit import Conflict, clock, new_id
from yba.kit.db import unit_of_work
from yba.specs.access import roles


@pytest.fixture
def sample(places, var, operator):
    assert accounts.mark_demo(fresh=True)
    commune = directory.communes_of("01", clock.today())[0].code
    with unit_of_work(by=operator) as conn, hashing.quick():
        return accounts.make_demo_accounts(conn, by=operator, facility=FACILITY, commune=commune, person_id=new_id(), ward=new_id())


def test_one_account_for_every_role_of_people_and_each_can_sign_in(sample, browse):
    assert {one.role for one in sample} == {name for name, spec in roles().items() if spec.kind != "machine"}
    assert len({one.password for one in sample}) == len(sample)
    for one in sample:
        browser = browse("127.0.0.1")
        answer = sign_in(browser, one.username, one.password)
        assert answer.status_code == 302, one
        if one.totp:
            assert answer["Location"] == "/accounts/second-factor/authenticate/"
            browser.post("/accounts/second-factor/authenticate/", {"code": code_of(one.totp)})
        assert is_in(browser), one
        assert "Dữ liệu giả lập" in browser.get("/accounts/second-factor/").content.decode(), "every page says so"


def test_the_file_is_its_owners_and_a_second_run_changes_nothing(sample, var, operator):
    path = var / "demo" / "accounts.txt"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_text("utf-8")
    assert all(one.password in before for one in sample)
    commune = directory.communes_of("01", clock.today())[0].code
    with unit_of_work(by=operator) as conn:
        again = accounts.make_demo_accounts(conn, by=operator, facility=FACILITY, commune=commune, person_id=new_id(), ward=new_id())
    assert again == sample, "a second run shows the same accounts again"
    assert path.read_text("utf-8") == before


@pytest.mark.law("ANM-R09")
def test_without_the_marker_they_open_nothing_and_open_sessions_end(sample, var, browse):
    doctor = next(one for one in sample if one.role == "doctor")
    browser = browse("127.0.0.1")
    sign_in(browser, doctor.username, doctor.password)
    assert is_in(browser)
    (var / "demo.marker").unlink()
    assert not is_in(browser)
    assert sign_in(browse("127.0.0.1"), doctor.username, doctor.password).status_code == 200
    assert "Dữ liệu giả lập" not in browse().get("/accounts/login/").content.decode()


def test_they_are_not_made_outside_a_demo_folder(places, var, operator):
    assert accounts.mark_demo(fresh=False) is False
    with pytest.raises(Conflict), unit_of_work(by=operator) as conn:
        accounts.make_demo_accounts(conn, by=operator, facility=FACILITY)
    assert not (var / "demo.marker").exists()


@pytest.mark.law("ANM-R09")
def test_the_server_does_not_start_with_forgotten_ones(sample, var, database):
    (var / "demo.marker").unlink()
    env = {**database.env, "YBA_VAR": str(var)}
    done = subprocess.run([sys.executable, "-m", "yba", "serve", "--port", "1"], env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "demo accounts" in done.stderr
    assert "http://" not in done.stderr
