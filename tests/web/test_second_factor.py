"""A right that wants the second factor asks for it and leads back to where the form stands: nothing asked or typed is lost on the way, nothing done unseen."""

import re
from base64 import b32encode
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth import get_user_model

from tests.accounts.conftest import code_of
from tests.journeys import staff
from tests.matrix.test_pages import address, pages
from tests.pace import rest
from tests.web.test_registers import browser_of
from tests.web.test_reports_period import AT, FORM, HERE, PAGE, desk, report_of  # noqa: F401  # desk is a fixture
from tests.web.test_views import province, signed_in  # noqa: F401  # fixtures
from yba.specs.access import rights
from yba.web import kept


def unproven(account, secret):
    """A browser of somebody who has an authenticator app and did not use it in this session."""
    from allauth.mfa.totp.internal.auth import TOTP  # noqa: PLC0415  # needs Django's apps

    TOTP.activate(get_user_model().objects.get(pk=account), secret)
    browser = browser_of(account)
    session = browser.session
    session["yba_assured"] = ""
    session.save()
    return browser


def confirm(browser, led, secret):
    """Type the code of the app at the address somebody was led to, as its page has it."""
    page = browser.get(led)
    way = re.search(r'name="next" value="([^"]*)"', page.text)[1].replace("&amp;", "&")
    answer = browser.post(urlsplit(led).path, {"code": code_of(secret), "next": way})
    assert answer.status_code == 302, answer.text
    return answer["Location"]


@pytest.fixture
def head(desk):  # noqa: F811  # the fixture
    """The head of a facility with a report that waits for the approval, and the report's number."""
    secret = b32encode(b"twenty bytes of test!").decode()
    browser = unproven(staff.employ("gd.hoa", "Lường Thị Hòa", "facility-manager", facility=HERE), secret)
    assert desk["clerk"].post(f"{FORM}/make", AT).status_code == 302
    page = browser.get(PAGE).text
    mark = {kept.TYPED_BY: re.search(rf'name="{kept.TYPED_BY}" value="([\w-]+)"', page)[1]}
    return browser, secret, {**AT, **mark, "report": report_of(page)}


def test_approving_comes_back_to_the_report_and_is_sent_from_there(head):
    browser, secret, form = head
    led = browser.post(f"{FORM}/sign", form, headers={"referer": f"http://localhost{PAGE}"})
    assert (led.status_code, urlsplit(led["Location"]).path) == (302, "/accounts/second-factor/reauthenticate/")
    assert "giữ lại, chưa được gửi" in browser.get(led["Location"]).text
    assert confirm(browser, led["Location"], secret) == PAGE, "the page the button stands on, with unit and period"
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert "chờ duyệt" in page.text, "nothing was done unseen"
    assert "chưa được gửi" in page.text
    assert browser.post(f"{FORM}/sign", form)["Location"].endswith("done=approved")
    assert "chưa được gửi" not in browser.get(PAGE).text, "the same button pressed on its page is what waited"


def test_a_reason_typed_is_kept_and_sent(head):
    browser, secret, form = head
    led = browser.post(f"{FORM}/return", {**form, "words": "thiếu trạm Ẳng Tở"}, headers={"referer": f"http://localhost{PAGE}"})
    assert confirm(browser, led["Location"], secret) == PAGE
    waits = browser.get("/again").text
    assert "thiếu trạm Ẳng Tở" in waits
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', waits.split(f'action="{FORM}/return"')[1].split("</form>")[0]))
    assert browser.post(f"{FORM}/return", fields)["Location"].endswith("done=returned")
    assert browser.get("/again")["Location"] == "/", "once"
    assert "thiếu trạm Ẳng Tở" in browser.get(f"{PAGE}&report={form['report']}").text


def sensitive():
    return [one for one in pages() if one.declaration.rights and any(rights()[right.value].sensitive for right in one.declaration.rights)]


def test_every_sensitive_address_leads_back_to_what_was_asked(signed_in):  # noqa: F811
    browser, account = signed_in("doctor", proven=False)
    forms = {"typed_by": kept.mark(account), "words": "gõ dở"}
    found = sensitive()
    assert len(found) > 20
    for number, route in enumerate(found):
        if number % 50 == 0:
            rest()
        here = address(route)
        led = parse_qs(urlsplit(browser.get(f"{here}?from=2026-10-01&q=a%26b")["Location"]).query)
        assert led == {"next": [f"{here}?from=2026-10-01&q=a%26b"]}, route.name
        told = browser.post(here, forms, headers={"referer": "http://localhost/trail?person=7&lang=vi"})
        if told.status_code == 405:
            continue  # takes no form
        assert parse_qs(urlsplit(told["Location"]).query) == {"next": ["/trail?person=7&lang=vi"], "kept": ["1"]}, route.name
        assert [(one.address, one.fields) for one in kept.waiting(told.wsgi_request)][-1] == (here, (("words", "gõ dở"),)), route.name


@pytest.mark.parametrize(
    "said",
    [
        "",
        "https://evil.example/trail",
        "//evil.example",
        "javascript:alert(1)",
        "http://localhost/" + "x" * 3000,
        "http://localhost//evil.example/trail",
        "http://localhost/\\evil.example",
    ],
)
def test_nobody_is_led_away_by_what_a_browser_says_of_its_page(signed_in, said):  # noqa: F811
    browser, account = signed_in("doctor", proven=False)
    told = browser.post("/admin/screens/add", {"typed_by": kept.mark(account), "name": "sảnh"}, headers={"referer": said} if said else {})
    assert parse_qs(urlsplit(told["Location"]).query)["next"] == ["/again"], "where it waits"
    stranger = browser.post("/admin/screens/add", {"name": "sảnh"}, headers={"referer": said} if said else {})
    assert parse_qs(urlsplit(stranger["Location"]).query)["next"] == ["/admin/screens/add"], "a form of nobody's page is not kept"
