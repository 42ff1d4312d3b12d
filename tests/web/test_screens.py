"""A screen on the wall: opened by a code typed once, sees its unit's picture and nothing else, goes on when people's sessions end, goes dark when it is ended."""

import re
import sys
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from tests.web import measured_world as w
from tests.web.test_measures import signed_in, world  # noqa: F401  # world is a fixture
from yba import access, accounts, audit
from yba.audit import Tag
from yba.kit import PROVINCE, Actor, Grant, clock
from yba.kit.actor import Origin
from yba.kit.db import reading, unit_of_work
from yba.web.edge.screens import COOKIE

WALL = "/screen/wall"


@pytest.fixture
def administrator(world):  # noqa: F811  # the fixture
    return signed_in("facility-administrator", facility=w.HOSPITAL)


@pytest.fixture
def province(world):  # noqa: F811  # the fixture
    return signed_in("system-administrator")


def code_of(page):
    return re.search(r'<dd id="code">([a-z0-9-]+)</dd>', page)[1]


def made(browser, facility, name="phòng trực"):
    answer = browser.post("/admin/screens/add", {"name": name, "facility": facility, "days": "30"})
    assert answer.status_code == 200, answer.text[:500]
    return code_of(answer.text)


def device():
    return Client(headers={"host": "localhost"})


def opened(code):
    screen = device()
    answer = screen.post("/screen", {"code": f"  {code.upper()} "})
    assert (answer.status_code, answer["Location"]) == (302, WALL), answer.text
    return screen


def tail(tag):
    with reading(by=w.OPERATOR) as conn:
        return audit.trail(conn, by=w.OPERATOR, tag=tag, limit=1)[0]


def test_a_screen_is_opened_once_by_its_code_and_goes_on_by_itself(province):
    code = made(province, "")
    screen = opened(code)
    cookie = screen.cookies[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "Strict", "/")
    first = screen.get(WALL)
    assert first.status_code == 200
    assert first["Refresh"] == f"30; url={WALL}?board=director&slide=1"
    assert "no-store" in first["Cache-Control"]
    assert 'class="standing"' in first.text, "the province's places stand out"
    ways = set(re.findall(r'href="([^"]*)"', first.text + screen.get(WALL, {"slide": "1"}).text))
    assert all(way.startswith((WALL, "/asset/", "#")) for way in ways), f"nobody is signed in there: {ways}"
    assert tail(Tag.SCREEN_OPEN).detail["name"] == "phòng trực"
    looked = tail(Tag.MEASURE_READ)
    assert looked.who.startswith("screen:")
    assert (looked.actor_kind, looked.role) == ("screen", "province-screen")
    again = device().post("/screen", {"code": code})
    assert again.status_code == 400, "a code is good once"
    assert "đã dùng" in again.text
    assert tail(Tag.SIGN_IN_REFUSED).about_type == "Screen"
    with clock.frozen(clock.now() + timedelta(days=2)):
        assert screen.get(WALL).status_code == 200, "no person's session holds it"


def test_it_sees_its_unit_alone_and_no_other_page(administrator):
    screen = opened(made(administrator, w.HOSPITAL))
    pictures = "".join(screen.get(WALL, {"slide": str(number)}).text for number in range(4))
    assert "Trung tâm Y tế Mường Ảng" not in pictures
    assert 'class="num"' in pictures
    for path in ("/", "/director", "/director/wall", "/measures", "/measures/visits", "/alerts", "/admin/screens", "/me", "/tokens"):
        answer = screen.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/"), path
    assert screen.post(WALL).status_code == 405
    assert screen.get(WALL, {"board": "no-such"}).status_code == 404
    with unit_of_work(by=w.SYSTEM) as conn:
        given = accounts.bearer(conn, by=w.SYSTEM, token=screen.cookies[COOKIE].value, origin=Origin("127.0.0.1", 0, ""), patience=1000)
    assert isinstance(given, accounts.Refused), "it is no token of the API"


def test_it_is_renewed_listed_and_ended(administrator):
    screen = opened(made(administrator, w.HOSPITAL, "sảnh"))
    listed = administrator.get("/admin/screens").text
    row = re.search(r'(?s)<tr><th scope="row">sảnh.*?</tr>', listed)[0]
    assert "đang mở" in row
    assert "127.0.0.1" in row
    assert "Người facility-administrator" in row
    way = re.search(r'action="(/admin/screens/[0-9a-f-]{36})/renew"', row)[1]
    page = administrator.get(f"/admin/accounts/{administrator.session['_auth_user_id']}").text
    assert 'href="/admin/screens">sảnh</a>' in page, "the list of a person's sessions names the screens that do not end with them"
    with clock.frozen(clock.now() + timedelta(days=25)):
        assert "hết hạn ngày" in screen.get(WALL).text, "it says so before it goes dark"
    with clock.frozen(clock.now() + timedelta(days=31)):
        assert screen.get(WALL)["Location"] == "/screen", "it ran out"
    screen = opened(code_of(administrator.post(f"{way}/code").text))
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        assert administrator.post(f"{way}/renew")["Location"].endswith("done=renewed")
    assert administrator.post(f"{way}/end")["Location"].endswith("done=ended")
    dark = screen.get(WALL)
    assert (dark.status_code, dark["Location"]) == (302, "/screen")
    assert screen.cookies[COOKIE].value == "", "a token that opens nothing is forgotten"
    assert administrator.post(f"{way}/end").status_code == 404
    assert administrator.post(f"{way}/code").status_code == 404, "what is over stays over"
    assert (tail(Tag.SCREEN_END).facility, tail(Tag.SCREEN_END).role) == (w.HOSPITAL, "facility-administrator")


def test_nobody_makes_or_ends_a_screen_of_another_unit(administrator, province):
    theirs = signed_in("facility-administrator", facility="11002")
    made(administrator, w.HOSPITAL, "của bệnh viện")
    way = re.search(r'của bệnh viện.*?action="(/admin/screens/[0-9a-f-]{36})/end"', administrator.get("/admin/screens").text.replace("\n", " "))[1]
    assert "của bệnh viện" not in theirs.get("/admin/screens").text
    for act in ("renew", "code", "end"):
        assert theirs.post(f"{way}/{act}").status_code == 404, act
    for facility in (w.HOSPITAL, ""):
        assert theirs.post("/admin/screens/add", {"name": "x", "facility": facility, "days": "30"}).status_code == 403
    assert "của bệnh viện" in province.get("/admin/screens").text
    for who in ("provincial-manager", "doctor"):
        post = {"facility": w.HOSPITAL} if who == "doctor" else {}
        assert signed_in(who, **post).get("/admin/screens").status_code == 403
    for days in ("0", "181", "x"):
        assert administrator.post("/admin/screens/add", {"name": "x", "facility": w.HOSPITAL, "days": days}).status_code == 400
    assert province.post("/admin/screens/add", {"name": "x", "facility": "99999", "days": "30"}).status_code == 400


def test_a_code_runs_out_and_guessing_is_slowed(administrator):
    code = made(administrator, w.HOSPITAL)
    with clock.frozen(clock.now() + timedelta(minutes=16)):
        assert device().post("/screen", {"code": code}).status_code == 400
    answers = [device().post("/screen", {"code": f"guess-{number}"}, REMOTE_ADDR="203.0.113.9").status_code for number in range(14)]
    assert answers[:8] == [400] * 8
    assert answers[-1] == 429
    assert device().get(WALL)["Location"] == "/screen", "no token opens nothing"


def test_a_screen_of_a_closed_facility_is_dark(administrator, monkeypatch):
    screens = sys.modules[accounts.add_screen.__module__]
    screen = opened(made(administrator, w.HOSPITAL))
    monkeypatch.setattr(screens, "_is_open", lambda *_: False)
    assert screen.get(WALL)["Location"] == "/screen"
    with unit_of_work(by=w.SYSTEM) as conn:
        assert screens.end_screens_at_closed_facilities(conn, by=w.SYSTEM) >= 1
    with reading(by=w.OPERATOR) as conn:
        assert not [one for one in accounts.screens(conn, by=w.OPERATOR) if one.facility == w.HOSPITAL and one.is_open(clock.now())]


def test_the_table_opens_to_no_unit_of_a_person_and_holds_no_token(administrator):
    screen = opened(made(administrator, w.HOSPITAL))
    token = screen.cookies[COOKIE].value
    ask = "SELECT to_jsonb(s)::text FROM accounts_screen s"
    with unit_of_work(by=w.SYSTEM) as conn:
        kept = conn.execute(ask).fetchall()
    assert kept
    assert token not in str(kept)
    somebody = Actor.user(UUID(int=7), [Grant("system-administrator", areas=frozenset({PROVINCE}))], purpose="administration")
    with reading(by=somebody) as conn:
        access.predicate(conn, by=somebody, right=access.Right.AUDIT_SECURITY_READ, columns=access.PERSON)
        assert conn.execute(ask).fetchall() == []


def refused(tag, **wanted):
    """The newest refusals of a kind, those of this test's screen or address first."""
    with reading(by=w.OPERATOR) as conn:
        found = audit.trail(conn, by=w.OPERATOR, tag=tag, limit=200)
    return [one for one in found if all(one.detail.get(key) == value for key, value in wanted.items())]


def test_a_token_that_opens_nothing_is_noted_at_a_pace_and_tells_a_guesser_nothing(administrator):
    ended, place = opened(made(administrator, w.HOSPITAL, "đã tắt")), {"REMOTE_ADDR": "203.0.113.77"}
    way = re.search(r'đã tắt.*?action="(/admin/screens/[0-9a-f-]{36})/end"', administrator.get("/admin/screens").text.replace("\n", " "))[1]
    administrator.post(f"{way}/end")
    over = ended.get(WALL, **place)
    answers = []
    for number in range(120):
        guesser = device()
        guesser.cookies[COOKIE] = f"ybs_{number:043d}"
        answers.append(guesser.get(WALL, **place))
    told = {(answer.status_code, answer["Location"], answer.content, answer.cookies[COOKIE].value) for answer in (over, *answers)}
    assert told == {(302, "/screen", b"", "")}, "of a screen that was and of one that never was the same is said"
    rows = refused(Tag.SIGN_IN_REFUSED, address="203.0.113.77")
    assert [one.detail["failures_this_hour"] for one in rows] == [100, *range(50, 0, -1)], "fifty in an hour, then every hundredth"
    assert {(one.about_type, one.about_id, one.reason) for one in rows} == {("Screen", "", "token")}
    assert not any("ybs_" in str(one) for one in rows), "never what was presented"
    device().get(WALL, **place)
    assert len(refused(Tag.SIGN_IN_REFUSED, address="203.0.113.77")) == len(rows), "no token, no guess"


def test_a_token_that_comes_from_another_network_is_noted_and_still_opens(administrator):
    screen, copy = opened(made(administrator, w.HOSPITAL, "bị chép")), device()
    assert screen.get(WALL).status_code == 200
    with reading(by=w.OPERATOR) as conn:
        before = len(audit.trail(conn, by=w.OPERATOR, tag=Tag.SCREEN_MOVE, limit=200))
    copy.cookies[COOKIE] = screen.cookies[COOKIE].value
    for number in range(2):
        assert copy.get(WALL, REMOTE_ADDR=f"2001:db8::{number + 1}").status_code == 200, "an address may change: nobody's wall goes dark for it"
    (row,) = audit_rows(Tag.SCREEN_MOVE, before)
    assert (row.detail["from"], row.detail["address"], row.facility) == ("127.0.0.1", "2001:db8::1", w.HOSPITAL)
    assert "2001:db8::" in re.search(r'(?s)<tr><th scope="row">bị chép.*?</tr>', administrator.get("/admin/screens").text)[0]
    assert screen.get(WALL).status_code == 200
    assert len(audit_rows(Tag.SCREEN_MOVE, before)) == 2, "the two betray each other"


def audit_rows(tag, before):
    """The rows of a kind that came after so many, the newest first."""
    with reading(by=w.OPERATOR) as conn:
        found = audit.trail(conn, by=w.OPERATOR, tag=tag, limit=200)
    return found[: len(found) - before]


def test_a_screen_that_is_refused_a_page_is_noted_as_itself_at_a_pace(administrator, monkeypatch):
    screen = opened(made(administrator, w.HOSPITAL))
    monkeypatch.setattr(sys.modules[accounts.add_screen.__module__], "_ROLES", {False: "facility-client", True: "facility-client"})
    assert [screen.get(WALL).status_code for _ in range(60)] == [404] * 60
    rows = refused(Tag.RIGHT_REFUSED, page="screen_wall")
    assert len(rows) == 50
    assert {(one.actor_kind, one.about_id) for one in rows} == {("screen", "warehouse:measure:read")}
    assert screen.get(WALL, {"board": "no-such"}).status_code == 404
