"""Checks against registers from the pages: one person side by side, a batch worked off beside the pages, what is shown and to whom."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from tests.identity.people import facts
from tests.journeys import staff
from tests.registers import test_cards, world
from yba import identity
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work
from yba.web.jobs import verify_batch

OPERATOR = Actor.operator()
HERE, THERE = staff.HERE, staff.THERE
SAID = {"name": "Quàng Văn Hặc", "birth": "1985-07-30", "sex": "male", "citizen_number": world.OTHER}


def browser_of(account):
    client = Client(headers={"host": "localhost"})
    client.force_login(get_user_model().objects.get(pk=account))
    session = client.session
    session["started"] = session["seen"] = clock.now().timestamp()
    session["yba_assured"] = str(account)
    session.save()
    return client


@pytest.fixture
def desk(database):
    """A record clerk at one facility, another at the next, and a resident the first one knows with a wrong year of birth."""
    staff.province(40)
    with unit_of_work(by=OPERATOR) as conn:
        card = {"name": test_cards.WOMAN.name, "birth": "1959-03-12", "card": test_cards.NUMBER, "sex": "female"}
        found = identity.resolve_many(conn, by=OPERATOR, facts=[facts(HERE, "A1", **SAID | {"birth": "1984-07-30"}), facts(HERE, "A2", **card)])
    clerks = [staff.employ(f"hs.{code}", f"Cà Thị {code}", "record-clerk", facility=code) for code in (HERE, THERE)]
    return [one.person_id for one in found], [browser_of(each) for each in clerks], clerks


@pytest.mark.law("SKDT-R08")
def test_one_person_is_asked_for_with_a_purpose_and_only_verdicts_are_shown_to_who_asked(desk, tmp_path):
    (person, _), (clerk, other), (account, _) = desk
    page = f"/person/{person}/registers"
    with world.reached(tmp_path) as server:
        assert "chưa hỏi về người này" in clerk.get(page).text
        assert clerk.post(f"{page}/population", {"purpose": "curiosity"}).status_code == 400
        assert server.count == 0
        done = clerk.post(f"{page}/population", {"purpose": "registration", "consent": "phiếu 1"})
        assert done["Location"] == f"{page}?done=asked"
        shown = clerk.get(page).text
        assert server.count == 1
    assert "KHÔNG KHỚP" in shown
    assert "30/07/1984" in shown
    assert "1985" not in shown, "the register's own value is nowhere"
    assert other.get(page).status_code == 404, "another facility does not even know the person"
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT who, reason FROM audit_event WHERE tag = 'identity:register:ask'").fetchall()
        assert rows == [(f"user:{account}", "registration")]
        assert [one.kind for one in identity.reviews(conn, by=OPERATOR, kind="register-disagrees")] == ["register-disagrees"]


def test_consent_is_asked_where_a_provider_is_asked(desk, tmp_path):
    (person, _), (clerk, _), _ = desk
    page = f"/person/{person}/registers"
    with world.reached(tmp_path, "licensed") as server:
        answer = clerk.post(f"{page}/population", {"purpose": "registration"})
        assert answer.status_code == 400
        assert "sự đồng ý" in answer.text
        assert server.count == 0
        assert clerk.post(f"{page}/population", {"purpose": "registration", "consent": "phiếu 1"}).status_code == 302


def test_a_register_that_is_away_or_not_there_is_told_and_the_page_stands(desk, tmp_path):
    (person, _), (clerk, _), _ = desk
    page = f"/person/{person}/registers"
    assert "Chưa cấu hình" in clerk.get(page).text
    assert clerk.post(f"{page}/population", {"purpose": "registration", "consent": "x"}).status_code == 400
    with world.reached(tmp_path, per_day=0):
        told = clerk.post(f"{page}/population", {"purpose": "registration", "consent": "phiếu 1"})
        assert told["Location"].startswith(f"{page}?held=day")
        assert "Đã dùng hết lượt hỏi của hôm nay" in clerk.get(told["Location"]).text
    assert "script" not in clerk.get(f"{page}?failed=<script>&held=x&wait=<b>").text.partition("<main")[2]


@pytest.mark.parametrize(
    ("code", "words", "colour"), [("000", "Thẻ đúng", "ok"), ("110", "Không tiếp nhận bằng thẻ này", "alert"), ("010", "Không tiếp nhận", "alert")]
)
def test_a_card_is_looked_up_at_the_desk_and_one_that_was_taken_back_stops(desk, tmp_path, code, words, colour):
    (_, person), (clerk, _), _ = desk
    page = f"/person/{person}/registers"
    with test_cards.gateway(tmp_path) as (_, register):
        register.fate[test_cards.NUMBER] = code
        done = clerk.post(f"{page}/card", {"number": "0", "moment": "arrival", "link": "L1"})
        assert done["Location"] == f"{page}?done=asked", done.text[-800:]
        shown = clerk.get(page).text
    assert words in shown
    assert f'class="card {colour}"' in shown
    assert clerk.post(f"{page}/card", {"number": "9", "moment": "arrival"}).status_code == 400


def test_a_batch_is_worked_off_beside_the_pages_in_the_name_of_who_laid_it_down(desk, tmp_path):
    (person, _), (clerk, other), (account, _) = desk
    with world.reached(tmp_path):
        laid = clerk.post("/registers", {"purpose": "reconciliation", "count": "100"})
        page = laid["Location"]
        assert re.fullmatch("/registers/[0-9a-f-]{36}", page), laid.text[-800:]
        before = clerk.get(page)
        assert before["Refresh"] == "5"
        batch = page.rpartition("/")[2]
        for _ in range(2):  # twice equals once
            verify_batch(by=Actor.system("identity:register:batch"), batch=batch, account=str(account))
        after = clerk.get(page)
        assert "Refresh" not in after
        assert "Không khớp: 1 người" in after.text
        assert f"/person/{person}/registers" in after.text
        assert "Không có ai cần xác minh" in clerk.post("/registers", {"purpose": "reconciliation", "count": "100"}).text
    assert other.get(page).status_code == 404, "never another unit's"
    assert batch not in other.get("/registers").text
    with reading(by=OPERATOR) as conn:
        asked = {row[0] for row in conn.execute("SELECT who FROM register_query").fetchall()}
    assert asked == {f"user:{account}"}


def test_who_lost_the_right_asks_no_more(desk, tmp_path):
    from yba import accounts  # noqa: PLC0415  # needs Django's apps

    _, (clerk, _), (account, _) = desk
    with world.reached(tmp_path) as server:
        batch = clerk.post("/registers", {"purpose": "reconciliation", "count": "5"})["Location"].rpartition("/")[2]
        with unit_of_work(by=OPERATOR) as conn:
            accounts.disable(conn, by=OPERATOR, account=account, reason="nghỉ việc")
        verify_batch(by=Actor.system("identity:register:batch"), batch=batch, account=str(account))
        assert server.count == 0
