"""People sign in through the real pages, over Django's own client."""

import pytest
from django.test import Client

from yba import directory
from yba.accounts import Post, join
from yba.kit import clock
from yba.kit.db import unit_of_work

PASSWORD = "con trâu xanh đi cày ruộng"


@pytest.fixture
def facility(database, operator):
    with unit_of_work(by=operator) as conn:
        directory.ensure_many(conn, by=operator, seen_at=clock.now(), facilities=["01013"])
    return "01013"


def test_a_joiner_signs_in_by_code_then_by_password(facility, operator):
    with unit_of_work(by=operator) as conn:
        code = join(
            conn,
            by=operator,
            username="bs.mai",
            display_name="Lê Thị Mai",
            post=Post("doctor", facility=facility, licence="000123/HNO-CCHN"),
            reason="vào làm",
        )
    client = Client(headers={"host": "localhost"})
    page = client.get("/accounts/recover/")
    assert page.status_code == 200, page.content
    answer = client.post("/accounts/recover/", {"username": "bs.mai", "code": code.code, "password1": PASSWORD, "password2": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    assert client.get("/accounts/second-factor/").status_code == 200
