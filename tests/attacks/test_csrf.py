"""A page elsewhere makes a signed-in browser send a form: nothing that changes anything is accepted without the token of our own page."""

from django.test import Client

from tests.matrix import world as w
from tests.matrix.test_pages import address, world  # noqa: F401  a fixture
from tests.pace import rest
from tools.document_rights import routes
from yba.kit.db import reading


def strict(browser):
    """The same browser, for a server that asks for the token as it does in earnest."""
    found = Client(enforce_csrf_checks=True, headers={"host": "localhost"}, REMOTE_ADDR="127.0.0.1", raise_request_exception=False)
    found.cookies = browser.cookies
    return found


def test_no_form_is_taken_without_the_token(world):  # noqa: F811
    asked = 0
    for route in routes():
        if route.face == "gateway" or route.name in {"asset", "font", "accounts_asset"}:
            continue
        rest()
        for role in ("system-administrator", "privacy-officer", "doctor", "citizen"):
            for method in ("POST", "PUT", "DELETE", "PATCH"):
                answer = strict(world.browsers[role]).generic(
                    method, address(route), "reason=x&words=x", content_type="application/x-www-form-urlencoded"
                )
                assert answer.status_code in {403, 405}, (method, route.address, answer.status_code)
                asked += 1
    assert asked > 500


def test_a_foreign_origin_is_refused_even_with_a_token(world):  # noqa: F811
    rest()
    browser = strict(world.browsers["system-administrator"])
    page = browser.get("/admin/accounts/add").content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    form = {"csrfmiddlewaretoken": token, "username": "ke.la", "display_name": "Kẻ Lạ", "role": "doctor", "facility": w.FACILITY, "reason": "x"}
    for header in ({"origin": "https://evil.example"}, {"origin": "null"}):
        assert browser.post("/admin/accounts/add", form, headers=header).status_code == 403
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM accounts_user WHERE username = 'ke.la'").fetchone() == (0,)
    assert browser.post("/admin/accounts/add", form).status_code == 200, "our own page's form is taken"


def test_the_session_cookie_is_not_sent_from_elsewhere(world):  # noqa: F811
    """Lax, Secure, HttpOnly and bound to this host: what the browser promises us."""
    one = w.browser()
    answer = one.post("/accounts/login/", {"login": "mau.doctor", "password": world.passwords["doctor"]})
    cookies = [each for each in answer.cookies.values() if each.key.startswith("__Host-")]
    assert cookies
    for each in cookies:
        assert each["secure"]
        assert each["httponly"]
        assert each["samesite"] in {"Lax", "Strict"}
        assert not each["domain"]
        assert each["path"] == "/"


def test_the_gateway_takes_no_cookie_so_needs_no_token():
    """Its calls are exempt for one reason only: a cookie opens nothing there (tests/matrix/test_pages.py walks all of them)."""
    exempt = [route for route in routes() if getattr(route.view, "csrf_exempt", False)]
    assert {route.face for route in exempt} <= {"gateway"}
