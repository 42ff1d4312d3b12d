"""The pages of a form through the real edge: begun, kept by JavaScript or without, finished, with hostile input."""

import gzip
import re

import pytest

from tests.matrix.world import FACILITY, RESIDENT, build
from yba import forms, record
from yba.kit import Actor, settings
from yba.kit.db import unit_of_work

OPERATOR = Actor.operator()
VITALS = "https://yba.vn/Questionnaire/vitals"


@pytest.fixture(scope="module")
def world(migrated, tmp_path_factory):
    """One world for the module: the tests below leave finished forms behind, which disturb none of the others."""
    with settings.VAR.set_to(tmp_path_factory.mktemp("var")):
        migrated.renew()
        yield build()


def begin(browser, form=VITALS):
    answer = browser.post(f"/record/{RESIDENT}/forms", {"form": form, "facility": FACILITY})
    assert answer.status_code == 302, answer.content.decode()[:2000]
    return answer["Location"]


def number(html):
    return re.search(r'name="number" id="number" value="(\d+)"', html)[1]


def post(browser, where, act="keep", **fields):
    page = browser.get(where).content.decode()
    return browser.post(
        where,
        {
            "number": number(page),
            "act": act,
            **{f"a:{name}": text for name, text in fields.items() if name != "ok"},
            **({"ok": fields["ok"]} if "ok" in fields else {}),
        },
    )


def test_a_form_is_kept_refused_confirmed_and_finished_without_javascript(world):
    nurse = world.browsers["doctor"]
    where = begin(nurse)
    assert post(nurse, where, weight="170").status_code == 302
    page = nurse.get(where).content.decode()
    assert 'value="170"' in page
    refused = post(nurse, where, "finish", weight="700", systolic="<b>120")
    html = refused.content.decode()
    assert refused.status_code == 422
    assert "cao nhất được nhận là 400 kg" in html
    assert "&lt;b&gt;120" in html
    assert "<b>120" not in html
    asked = post(nurse, where, "finish", weight="170", systolic="120", diastolic="80")
    assert asked.status_code == 422
    assert 'name="ok" value="weight"' in asked.content.decode()
    done = post(nurse, where, "finish", weight="170", systolic="120", diastolic="80", ok="weight")
    assert done.status_code == 302
    shown = nurse.get(where).content.decode()
    assert "Đã hoàn tất" in shown
    assert "170 kg" in shown
    assert nurse.post(where, {"number": "1", "act": "finish", "a:weight": "1"}).status_code == 200  # twice: the same page


def test_autosave_answers_with_the_new_number_and_what_is_calculated(world):
    doctor = world.browsers["doctor"]
    where = begin(doctor)
    page = doctor.get(where).content.decode()
    kept = doctor.post(where + "/keep", {"number": number(page), "a:weight": "60", "a:height": "165"}).content.decode()
    assert "Lưu lúc" in kept
    assert ">22,0 kg/m²</output>" in kept
    assert int(re.search(r'id="number" value="(\d+)"', kept)[1]) == int(number(page)) + 1
    assert 'value="60"' in doctor.get(where).content.decode()  # after a lost session, the back button, another machine


def test_a_form_of_nobody_and_of_others_is_not_there(world):
    doctor, citizen = world.browsers["doctor"], world.browsers["citizen"]
    where = begin(doctor)
    assert citizen.get(where).status_code == 403
    assert doctor.get("/form/00000000-0000-0000-0000-000000000001").status_code == 404


def test_what_is_too_much_is_refused_in_words(world):
    doctor = world.browsers["doctor"]
    where = begin(doctor)
    page = doctor.get(where).content.decode()
    long = doctor.post(where, {"number": number(page), "act": "finish", "a:note": "ă" * 1_100_000})
    assert long.status_code in {400, 413}
    assert post(doctor, where, "finish", note="ă" * 30_000).status_code == 422
    assert doctor.post(where, {"number": "x", "act": "add", "add": "nothing~99999"}).status_code == 302


def test_the_paper_is_a_pdf(world):
    doctor = world.browsers["doctor"]
    where = begin(doctor)
    answer = doctor.get(where + "/paper")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content[:5] == b"%PDF-"


@pytest.mark.parametrize("name", ["ehr-831-history", "ehr-831-vaccination", "health-check-adult"])
def test_a_long_form_is_a_light_page(world, name):
    doctor = world.browsers["doctor"]
    where = begin(doctor, f"https://yba.vn/Questionnaire/{name}")
    page = doctor.get(where).content
    assert len(gzip.compress(page)) < 30_000
    ids = re.findall(r' id="([^"]+)"', page.decode())
    assert len(ids) == len(set(ids))


def test_the_designer_sees_forms_and_no_answers(world):
    designer, doctor = world.browsers["system-administrator"], world.browsers["doctor"]
    assert "Hồ sơ quản lý sức khỏe" in designer.get("/forms").content.decode()
    assert "Xem trước" in designer.get("/forms/ehr-831-visit").content.decode()
    assert designer.get("/forms/ehr-831-visit/paper?version=1").content[:5] == b"%PDF-"
    assert designer.get(begin(doctor)).status_code == 403
    assert doctor.get("/forms/add").status_code == 403
    assert designer.get("/forms/nothing").status_code == 404


def test_a_form_is_downloaded_as_a_spreadsheet_that_can_be_uploaded(world):
    answer = world.browsers["system-administrator"].get("/forms/vitals?as=xlsx")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert forms.import_xlsform(answer.content)["item"]


def test_part_a_writes_the_person_and_says_what_a_form_does_not_change(world):
    doctor = world.browsers["doctor"]
    where = begin(doctor, "https://yba.vn/Questionnaire/ehr-831-personal")
    said = {"A.HOTEN": "Người Thử Nghiệm", "A.DIACHI_HIENTAI": "Bản Mới số 7", "A.NGAYSINH": "01/01/1960"}
    done = post(doctor, where, "finish", **said)
    assert done.status_code == 302, done.content.decode()[:3000]
    assert "birth" in done["Location"]
    assert "biểu mẫu không đổi được" in doctor.get(done["Location"]).content.decode()
    with unit_of_work(by=OPERATOR) as conn:
        held = [one.json for one in record.of_person(conn, by=OPERATOR, person_id=RESIDENT) if one.rtype == "Patient"]
    assert any("Bản Mới số 7" in text for text in held)
    assert not any("1960-01-01" in text for text in held)
