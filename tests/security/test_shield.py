"""What stands before every face: headers, sizes, paces, proxies, pages of errors; asked over the whole list of addresses, not of a few."""

import re
import threading

import pytest
from django.db import connections
from django.test import Client, RequestFactory, override_settings
from django.urls import URLPattern, URLResolver, get_resolver

from yba import accounts
from yba.app.shield import limits, proxies
from yba.kit.db import unit_of_work
from yba.specs.edge import RouteClass, class_of, route_classes

INSIDE = {"uuid": "00000000-0000-0000-0000-000000000001", "int": "1", "str": "x", "slug": "x", "path": "x"}
PERSONAL = ("stack", "Traceback", "File &quot;", "DATABASE", "Exception")


def addresses(patterns=None, before=""):
    """Every address there is, with something in its blanks."""
    for each in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, before + str(each.pattern))
        elif isinstance(each, URLPattern):
            yield "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: INSIDE[found[1] or "str"], before + str(each.pattern))


@pytest.fixture
def browser(database):
    """A browser at some address, nothing held from tests before."""
    limits._held.clear()
    return Client(headers={"host": "localhost"}, REMOTE_ADDR="10.9.8.7", raise_request_exception=False)


def test_every_answer_of_every_address_is_hardened(browser):
    seen = set()
    for address in [*addresses(), "/no/such/page", "/api/no-such-call"]:
        for method in ("get", "post"):
            answer = getattr(browser, method)(address)
            where = f"{method} {address} {answer.status_code}"
            policy = answer["Content-Security-Policy"]
            assert "default-src 'none'" in policy, where
            assert "frame-ancestors 'none'" in policy, where
            assert not re.search(r"unsafe|\*|data:(?!;)|http:", policy.replace("img-src 'self' data:", "")), where
            assert answer["X-Content-Type-Options"] == "nosniff", where
            assert answer["X-Frame-Options"] == "DENY", where
            assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}, where
            assert answer["Cross-Origin-Opener-Policy"] == answer["Cross-Origin-Resource-Policy"] == "same-origin", where
            assert "camera=()" in answer["Permissions-Policy"], where
            assert "no-store" in answer["Cache-Control"] or class_of(address).name == "files", where
            assert answer.status_code != 500, where
            assert "Server" not in answer
            for cookie in answer.cookies.values():
                assert cookie["secure"], where
                assert cookie["httponly"], where
                assert cookie["samesite"] in {"Lax", "Strict"}, where
            seen.add(answer.status_code)
    assert {200, 302, 404} <= seen


def test_no_page_carries_a_script_or_a_style_of_its_own_line(browser):
    for address in addresses():
        html = browser.get(address).content.decode("utf-8", "replace")
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>\s*[^<\s]", html.replace('type="application/json"', " src= "), re.IGNORECASE), address
        assert not re.search(r"\son\w+\s*=|javascript:", html, re.IGNORECASE), address
        assert not re.search(r"""(?:src|href|action)=["']?(?:https?:)?//""", html), address


@pytest.mark.parametrize("address", ["/accounts/login/", "/search", "/"])
def test_a_body_larger_than_its_address_takes_is_refused_unread(browser, address):
    largest = class_of(address).largest_body
    answer = browser.post(address, b"x" * (largest + 1), content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    text = answer.content.decode()
    assert f"nhiều nhất {largest} byte" in text
    assert f"takes {largest} bytes" in text


@pytest.mark.parametrize("length", ["-1", "1e9", "९", "999999999999999999999"])
def test_a_senseless_length_is_refused(browser, length):
    assert browser.generic("POST", "/accounts/login/", b"", CONTENT_LENGTH=length).status_code == 413


@pytest.fixture
def narrow(monkeypatch):
    """Pages that open three times in a minute."""
    monkeypatch.setattr(limits, "class_of", lambda _path: RouteClass("pages", ("/",), 3, 3, 0))


def test_who_is_too_fast_waits_and_others_do_not(browser, narrow):
    assert [browser.get("/nothing").status_code for _ in range(4)] == [404, 404, 404, 429]
    refused = browser.get("/nothing")
    assert refused["Retry-After"] == "20"
    assert "Đợi 20 giây" in refused.content.decode()
    assert browser.get("/nothing", REMOTE_ADDR="10.9.8.6").status_code == 404
    assert browser.get("/api/token").json()["code"] == "429"


def test_a_cookie_of_nobody_opens_no_new_account_of_credits(browser, narrow):
    answers = []
    for number in range(5):
        browser.cookies["__Host-yba"] = f"{number:032d}"
        answers.append(browser.get("/nothing").status_code)
    assert answers == [404, 404, 404, 429, 429]


def test_a_machine_with_a_whole_network_of_ipv6_is_one_caller(browser, narrow):
    answers = [browser.get("/nothing", REMOTE_ADDR=f"2001:db8::{number:x}").status_code for number in range(1, 6)]
    assert answers[3:] == [429, 429]


def test_credits_are_shared_by_processes_and_never_overspent(database):
    spent, gate = [], threading.Barrier(4)

    def one():
        gate.wait()
        for _ in range(10):
            with unit_of_work(by=limits.EDGE) as conn:
                spent.append(accounts.spend_pace(conn, by=limits.EDGE, what="pages", whom="10.0.0.1", per_minute=12, amount=2))
        connections.close_all()  # a thread has its own

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 6 <= spent.count(0) <= 7  # twelve credits in lots of two; a slow machine may earn one lot more
    assert {wait for wait in spent if wait} == {10}


def test_a_busy_caller_costs_one_statement_for_many_requests(browser, monkeypatch):
    asked = []
    real = accounts.spend_pace
    monkeypatch.setattr(accounts, "spend_pace", lambda conn, **given: asked.append(1) or real(conn, **given))
    for _ in range(20):
        browser.get("/nothing")
        browser.get("/accounts/asset/style.css")
    assert len(asked) == 2


def test_a_strangers_word_about_the_caller_is_thrown_away(browser):
    seen = []

    def layer(request):
        seen.append((accounts.address_of(request), request.is_secure()))

    def ask(peer):
        proxies.Proxies(layer)(
            RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="1.2.3.4", HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_HOST="evil")
        )

    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        ask("127.0.0.1")
        with accounts.PROXIES.set_to(1):
            for peer in ("127.0.0.1", "::ffff:127.0.0.1", "10.9.8.7", "rubbish"):
                ask(peer)
    assert seen == [("127.0.0.1", False), ("1.2.3.4", True), ("1.2.3.4", True), ("10.9.8.7", False), ("", False)]


def test_where_tls_is_a_must_plain_requests_do_not_work(browser):
    with proxies.TLS.set_to(value=True):
        led = browser.get("/accounts/login/?next=/me")
        assert (led.status_code, led["Location"]) == (301, "https://localhost/accounts/login/?next=/me")
        assert browser.post("/accounts/login/", {"login": "an", "password": "x"}).status_code == 403
        assert browser.post("/api/token/take", {"username": "an", "password": "x"}).status_code == 403
        safe = browser.get("/accounts/login/", secure=True)
        assert safe.status_code == 200
        assert safe["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in browser.get("/accounts/login/")


@pytest.mark.parametrize("host", ["evil.example", "localhost@evil.example", "localhost:80@evil", ""])
def test_a_foreign_host_name_is_refused_and_not_repeated(browser, host):
    answer = browser.get("/accounts/login/", headers={"host": host or "[", "x-forwarded-host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


def test_a_form_without_its_token_or_from_elsewhere_is_refused(browser):
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"}, REMOTE_ADDR="10.9.8.7")
    for address in ("/accounts/login/", "/search", "/accounts/recover/"):
        answer = strict.post(address, {"login": "an", "password": "x"})
        assert answer.status_code == 403, address
        assert "Biểu mẫu đã hết hạn" in answer.content.decode()
    strict.get("/accounts/login/")
    page = strict.get("/accounts/login/").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert set(strict.cookies) == {"__Host-yba-form"}, "tied to this host, by its name, and set by TLS only"
    answer = strict.post("/accounts/login/", {"csrfmiddlewaretoken": token, "login": "an"}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert strict.post("/accounts/login/", {"csrfmiddlewaretoken": token, "login": "an", "password": "x"}).status_code == 200, "its own form passes"


def test_pages_of_errors_say_nothing_of_request_person_or_code(browser, monkeypatch):
    secret = "011159000001"
    answers = {404: browser.get(f"/{secret}/x"), 400: browser.get(f"/{secret}", headers={"host": "["})}
    monkeypatch.setattr("yba.app.shield.limits.class_of", lambda _path: 1 / 0)
    answers[500] = browser.get(f"/accounts/login/?number={secret}")
    for status, answer in answers.items():
        text = answer.content.decode()
        assert answer.status_code == status
        assert 'lang="vi"' in text
        assert 'lang="en"' in text
        assert not any(word in text for word in (secret, "ZeroDivision", *PERSONAL))
        assert answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["/accounts/asset/../../../../etc/passwd", "/asset/..%2f..%2fkeys%2finstallation.key", "/asset/%00", "/font/..%5c..%5cx"]
)
def test_files_are_looked_up_and_never_joined_to_a_path(browser, path):
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize(
    "attack",
    [
        "' OR '1'='1",
        "'; DROP TABLE accounts_user; --",
        "{{ 7*7 }}",
        "{% debug %}",
        "<script>alert(1)</script>",
        "${7*7}",
        "%27 UNION SELECT",
        "\x00",
        "𝕏" * 50,
    ],
)
def test_what_is_typed_is_neither_sql_nor_template_nor_markup(browser, attack):
    answer = browser.post("/accounts/login/", {"login": attack, "password": attack})
    text = answer.content.decode()
    assert answer.status_code in {200, 302, 400}
    assert "<script>alert" not in text
    assert "49" not in re.sub(r"\d{3,}|[\w-]*49[\w-]+|[\w-]+49", "", text)
    for address in ("/accounts/login/", "/record/x", "/"):
        answer = browser.get(address, {"next": attack, "lang": attack, "q": attack})
        assert answer.status_code < 500
        assert "<script>alert" not in answer.content.decode()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "http:evil.example"])
def test_signing_in_leads_nowhere_else(browser, target):
    page = browser.get("/accounts/login/", {"next": target}).content.decode()
    assert f'href="{target}"' not in page
    answer = browser.post("/accounts/login/", {"login": "an", "password": "x", "next": target})
    assert "evil" not in answer.headers.get("Location", "")


def test_every_class_of_the_file_takes_some_address_and_the_last_all():
    assert class_of("/whatever").name == route_classes()[-1].name == "pages"
    for each in route_classes():
        assert class_of(each.begins[0] + "x" + each.ends[0]).name == each.name
