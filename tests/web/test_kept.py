"""A form sent after the session ended: kept sealed for the account that typed it, given back to that account alone, sent with one more click."""

import html
import re

import pytest
from django import conf
from django.apps import apps
from django.contrib.auth import get_user_model
from django.test import Client

from tests.web.test_stations import begun, nurse  # noqa: F401  # a fixture
from tests.web.test_views import province, signed_in  # noqa: F401  # fixtures
from yba.kit import clock
from yba.web import kept

TYPED = "Hồ <b>Thị</b> O'Mai"


def sessions():
    """The sessions' table."""
    return apps.get_model("accounts", "UserSession").objects


def fields(page, act):
    """The hidden fields of the form with this act."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{act}"' in one)
    return {name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="([\w-]+)" value="([^"]*)"', form)}


def ended(browser):
    """Let the session be over, as it is after half an hour."""
    session = browser.session
    session["seen"] = clock.now().timestamp() - 12 * 3600
    session.save()


def back(browser, account):
    """Sign in again in the same browser."""
    browser.force_login(get_user_model().objects.get(pk=account))
    session = browser.session
    session["started"] = session["seen"] = clock.now().timestamp()
    session["yba_assured"] = str(account)
    session.save()


def sent_again(browser):
    """Press the button of the page that gives back what was typed."""
    page = browser.get("/again")
    assert page.status_code == 200
    address, which = re.search(
        r'<form method="post" action="([^"]+)">(?:<input[^>]*>)*<input type="hidden" name="again" value="(\w+)"', page.text
    ).groups()
    return browser.post(html.unescape(address), fields(page.text.split("<main")[1], which))


@pytest.mark.parametrize("how", ["left alone", "gone"])
def test_a_registration_sent_too_late_is_given_back_to_who_typed_it(nurse, how):  # noqa: F811
    browser, account, _ = nurse
    typed = fields(browser.get("/register").text, "register") | {"name": TYPED, "sex": "female", "birth": "1980", "then": "visit", "address": "Tổ 5"}
    if how == "gone":
        sessions().all().delete()
    else:
        ended(browser)
    late = browser.post("/register", typed)
    assert late["Location"] == "/accounts/login/?next=%2Fagain&kept=1"
    assert "được giữ lại" in browser.get(late["Location"]).text
    assert browser.get("/register").status_code == 302, "nothing opens before sign-in"
    row = sessions().get(account=None)
    assert "Tổ 5" not in str(browser.session.decode(row.session_data)), "sealed, not only packed"
    back(browser, account)
    assert "chưa được gửi" in browser.get("/desk").text, "every page says that something waits"
    shown = browser.get("/again").text
    assert "Hồ &lt;b&gt;Thị&lt;/b&gt; O&#39;Mai" in shown
    done = sent_again(browser)
    assert (done.status_code, done["Location"][:7]) == (302, "/visit/")
    assert "Hồ &lt;b&gt;Thị&lt;/b&gt; O&#39;Mai" in browser.get(done["Location"]).text
    assert browser.get("/again")["Location"] == "/", "once"
    assert "chưa được gửi" not in browser.get("/desk").text


def test_a_small_form_of_a_visit_goes_on_where_it_was(nurse):  # noqa: F811
    browser, account, _ = nurse
    address = begun(browser)
    typed = fields(browser.get(address).text, "vitals") | {"pulse": "72", "weight": "700"}
    ended(browser)
    assert browser.post(address, typed)["Location"].endswith("kept=1")
    back(browser, account)
    wrong = sent_again(browser)
    assert wrong.status_code == 400
    assert 'value="72"' in wrong.text, "what is wrong is said on the page itself, with all that was typed"
    assert browser.post(address, typed | {"weight": "61"}).status_code == 302
    assert "Mạch: 72" in browser.get(address).text


def test_nobody_else_is_given_what_was_typed(nurse, signed_in):  # noqa: F811
    browser, _, _ = nurse
    typed = fields(browser.get("/register").text, "register") | {"name": TYPED}
    _, stranger = signed_in("doctor")
    ended(browser)
    browser.post("/register", typed)
    back(browser, stranger)
    page = browser.get("/desk").text
    assert "chưa được gửi" not in page
    assert browser.get("/again")["Location"] == "/"
    assert "yba_kept_forms" not in browser.session, "thrown away unopened"


@pytest.mark.parametrize("change", [{"typed_by": ""}, {"typed_by": "0" * 16}, {"name": "x" * 200_000}])
def test_a_form_of_nobodys_page_and_one_without_end_is_not_kept(nurse, change):  # noqa: F811
    browser, _, _ = nurse
    typed = fields(browser.get("/register").text, "register") | {"name": TYPED} | change
    ended(browser)
    assert browser.post("/register", typed)["Location"] == "/accounts/login/"
    assert not sessions().filter(account=None).exists()


def test_a_page_of_before_the_sign_in_is_given_back_and_one_from_elsewhere_is_not(nurse):  # noqa: F811
    browser, account, _ = nurse
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    back(strict, account)
    old = fields(strict.get("/register").text, "register") | {"name": TYPED, "sex": "female", "birth": "1980"}
    back(strict, account)  # signed in anew in another tab: the token of the old page is over
    strict.cookies.pop(conf.settings.CSRF_COOKIE_NAME)
    strict.get("/desk")
    assert strict.post("/register", old)["Location"] == "/again"
    assert sent_again(strict).status_code == 302
    strict.cookies.pop(conf.settings.CSRF_COOKIE_NAME)
    assert strict.post("/register", old | {"typed_by": kept.mark("somebody else")}).status_code == 403
    assert browser.get("/again")["Location"] == "/"


def test_what_saves_by_itself_is_told_and_changes_nothing_on_its_page(nurse):  # noqa: F811
    browser, _, _ = nurse
    typed = fields(browser.get("/register").text, "register")
    ended(browser)
    answer = browser.post("/register", typed, headers={"hx-request": "true"})
    assert (answer.status_code, answer.content) == (401, b"")


def test_what_waits_can_be_thrown_away(nurse):  # noqa: F811
    browser, account, _ = nurse
    typed = fields(browser.get("/register").text, "register") | {"name": TYPED}
    ended(browser)
    browser.post("/register", typed)
    back(browser, account)
    which = re.search(r'name="which" value="(\w+)"', browser.get("/again").text)[1]
    assert browser.post("/again", {"which": "0" * 16})["Location"] == "/again", "nothing of that name"
    assert browser.post("/again", {"which": which})["Location"] == "/"
    assert "chưa được gửi" not in browser.get("/desk").text


def test_several_forms_wait_each_for_its_own_button(nurse):  # noqa: F811
    browser, account, _ = nurse
    address = begun(browser)
    two = [fields(browser.get("/register").text, "register") | {"name": name, "sex": "female", "birth": "1980"} for name in (TYPED, "Hồ Thị Hai")]
    signs = fields(browser.get(address).text, "vitals") | {"pulse": "72", "weight": "61"}
    ended(browser)
    for typed in (*two, two[1]):
        assert browser.post("/register", typed)["Location"].endswith("kept=1")
    browser.post(address, signs)
    back(browser, account)
    page = browser.get("/again").text
    assert (page.count('name="again"'), page.count("Hồ Thị Hai</li>"), "Có 3 biểu mẫu" in page) == (3, 1, True), "the same one twice is one"
    for waiting in (2, 1):
        assert sent_again(browser).status_code == 302
        assert browser.get("/again").text.count('name="again"') == waiting
    assert sent_again(browser)["Location"].startswith(address)
    assert "Mạch: 72" in browser.get(address).text
    assert browser.get("/again")["Location"] == "/"


def test_a_session_holds_no_end_of_forms(nurse):  # noqa: F811
    browser, account, _ = nurse
    typed = fields(browser.get("/register").text, "register")
    ended(browser)
    for number in range(12):
        browser.post("/register", typed | {"name": f"Người {number:02d}"})
    back(browser, account)
    page = browser.get("/again").text
    assert re.findall(r"<li>(Người \d+)</li>", page) == [f"Người {number:02d}" for number in range(4, 12)], "the newest, the oldest of them first"
