"""What the desks' pages ask by law: a reason for a change, papers looked at, how a result came about, who goes first, two homes."""

from __future__ import annotations

import re

import pytest

from tests.web.test_stations import begun, newcomer, nurse, picked  # noqa: F401  the nurse is a fixture
from tests.web.test_views import province, signed_in  # noqa: F401
from yba.kit import clock

TELLING = "Siêu âm: giới tính thai nhi là nam"


def test_a_recorded_diagnosis_is_left_out_with_a_reason_alone(nurse):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    for code in ("I10", "E11.6"):
        assert picked(browser, address, "diagnosis", pick=code).status_code == 302
    asked = picked(browser, address, "diagnosis", drop="I10")
    assert asked.status_code == 400
    assert "Ghi lý do đổi hoặc bỏ chẩn đoán đã ghi." in asked.text
    assert picked(browser, address, "diagnosis", drop="I10", why="ghi nhầm").status_code == 302
    led = picked(browser, address, "diagnosis", pick="J06.9")["Location"]
    assert "M14.2" in browser.get(led.partition("#")[0]).text, "the asterisk code of E11.6† is suggested"


def test_a_result_says_how_it_came_about_waits_for_approval_and_is_corrected_with_a_reason(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    one = {
        "name": "Glucose",
        "value": "17,8",
        "unit": "mmol/L",
        "low": "4,1",
        "high": "6",
        "specimen": "Máu mao mạch",
        "taken": "00:00",
        "later": "1",
    }
    for wrong in ({"low": "x"}, {"taken": "25:00"}, {"low": "9"}):
        assert picked(browser, address, "result", **(one | wrong)).status_code == 400, wrong
    assert picked(browser, address, "result", **one).status_code == 302
    page = browser.get(f"{address}?at=correct").text
    assert "chờ duyệt" in page
    assert picked(browser, address, "approve").status_code == 302
    page = browser.get(f"{address}?at=correct").text
    assert "chờ duyệt" not in page
    of = re.search(r'name="of" value="([^"]+)"', page)[1]
    assert picked(browser, address, "correct", of=of, value="7,8", unit="mmol/L", reason="").status_code == 400
    assert picked(browser, address, "correct", of=of, value="7,8", unit="mmol/L", reason="nhầm dấu phẩy").status_code == 302
    assert "Glucose: 7,8 mmol/L" in browser.get(f"{address}?at=correct").text
    assert "kết quả đã sửa" in browser.get("/desk").text
    known = province.execute("SELECT doc->>'status', version FROM resource WHERE rtype = 'Observation' AND version > 1").fetchall()
    assert known == [("corrected", 3)]


@pytest.mark.law("SKDT-R06")
def test_a_paper_shown_on_vneid_is_noted_and_nothing_asks_for_a_copy(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    for page in ("/register", "/desk"):
        assert 'type="file"' not in browser.get(page).text
    address = begun(browser)
    assert 'type="file"' not in browser.get(address).text
    assert picked(browser, address, "papers", kind="insurance-card", shown="vneid").status_code == 302
    assert picked(browser, address, "papers", kind="photo", shown="vneid").status_code == 400
    assert "đã ghi" in browser.get(address).text
    docs = [row[0] for row in province.execute("SELECT doc::text FROM resource WHERE rtype = 'Encounter'")]
    assert sum('"vneid"' in doc for doc in docs) == 1


def test_who_goes_first_is_said_when_somebody_waits(nurse):  # noqa: F811
    browser, _, _ = nurse
    people = {}
    for place, name in enumerate(("Vàng A Páo", "Lò Thị Un")):
        newcomer(browser, name=name, citizen=f"01107100999{place}", birth=f"0102197{place}", then="")
        found = browser.post("/search", {"number": name}).text
        people[name] = re.search(r'name="person" value="([0-9a-f-]{36})"', found)[1] if "person" in found else ""
    for name, group in (("Vàng A Páo", ""), ("Lò Thị Un", "pregnant")):
        assert browser.post("/visit/start", {"person": people[name], "wait": "1", "priority": group})["Location"] == "/desk"
    page = browser.get("/desk").text
    assert page.index("Lò Thị Un") < page.index("Vàng A Páo")
    assert "Phụ nữ có thai" in page


def test_registration_takes_ethnicity_occupation_and_where_somebody_is_registered(nurse, province):  # noqa: F811
    browser, _, home = nurse
    more = {"ethnicity": "03", "permanent_commune": home, "permanent_address": "Bản Cũ", "address": "Bản Mới"}
    assert newcomer(browser, ethnicity="XX").status_code == 400
    assert newcomer(browser, **more).status_code == 302
    docs = [row[0] for row in province.execute("SELECT doc::text FROM resource WHERE rtype = 'Patient'")]
    assert any("Bản Cũ" in doc and "Bản Mới" in doc for doc in docs)


@pytest.mark.law("BAOMAT-CB-R13")
def test_no_box_of_a_visit_takes_the_sex_of_the_unborn(nurse, province):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    for act, given in (("result", {"name": "Siêu âm", "value": TELLING}), ("referral", {"to": "11002", "reason": TELLING})):
        assert picked(browser, address, act, **given).status_code == 400, act
    assert newcomer(browser, citizen="", name="Lò Thị Un", birth="1990", reason=TELLING).status_code == 400
    kept = province.execute("SELECT count(*) FROM resource WHERE doc::text LIKE %s", ("%thai nhi%",)).fetchone()
    assert kept == (0,), clock.today()


@pytest.mark.law("MA-LT-R05")
def test_the_guidance_of_a_code_stands_beside_the_diagnosis(nurse):  # noqa: F811
    browser, _, _ = nurse
    address = begun(browser)
    assert picked(browser, address, "diagnosis", pick="A02.2").status_code == 302
    page = browser.get(address + "?pair=A02.2").text
    assert "Lời dẫn của mã A02.2" in page
    assert "viêm khớp† (M01.3-*)" in page
    assert "thường kèm mã hoa thị" in page
