"""The page of one's own tokens: made with what the session has proven, shown once, ended; nobody else's."""

import re

from tests.accounts.conftest import browse, first_sign_in, inside, joined, places  # noqa: F401  fixtures
from yba import accounts
from yba.accounts import Presented
from yba.kit import Actor
from yba.kit.actor import Origin
from yba.kit.db import unit_of_work

EDGE = Actor.system("edge")


def present(token):
    with unit_of_work(by=EDGE) as conn:
        return accounts.bearer(conn, by=EDGE, token=token, origin=Origin("10.20.0.5", 0, ""), patience=5000)


def test_a_token_is_made_shown_once_and_ended(joined, inside, browse):  # noqa: F811
    browser = browse("10.20.0.5")
    first_sign_in(browser, joined("bs.mai"))
    assert "Không có mã nào" in browser.get("/tokens").content.decode()
    made = browser.post("/tokens", {"name": "máy tính bảng", "hours": "2"}).content.decode()
    token = re.search(r'id="code">(ybt_[^<]+)<', made)[1]
    found = present(token)
    assert isinstance(found, Presented)
    assert not found.proven, "this session has used no second factor"
    listed = browser.get("/tokens").content.decode()
    assert "máy tính bảng" in listed
    assert token not in listed
    ident = re.search(r"/tokens/([0-9a-f-]{36})/end", listed)[1]
    other = browse("10.20.0.6")
    first_sign_in(other, joined("bs.an", name="Trần Văn An"))
    assert other.post(f"/tokens/{ident}/end").status_code == 404
    assert isinstance(present(token), Presented)
    assert browser.post(f"/tokens/{ident}/end").status_code == 302
    assert not isinstance(present(token), Presented)


def test_what_cannot_be_made_is_said(joined, inside, browse):  # noqa: F811
    browser = browse("10.20.0.5")
    first_sign_in(browser, joined("bs.mai"))
    for given in ({"name": "", "hours": "2"}, {"name": "x", "hours": "13"}, {"name": "x", "hours": "-1"}, {"name": "x", "hours": "hai"}):
        answer = browser.post("/tokens", given)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()
