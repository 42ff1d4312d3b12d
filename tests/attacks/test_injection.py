"""Text that is a template, SQL, HTML, a formula or a control character is only text, in every field and every address."""

import pytest

from tests.matrix import world as w
from tests.matrix.test_pages import address, pages, world  # noqa: F401  a fixture
from tests.pace import rest
from yba.kit.db import reading

PAYLOADS = (
    "{{7*191}}", "{% widthratio 7 1 191 %}", "${7*191}", "<%= 7*191 %>", "{{config}}", "{{''.__class__.__mro__}}", "{0.__class__}", "%(by)s %s",
    "' OR '1'='1", "1; DROP TABLE person--", "1') UNION SELECT password FROM accounts_user--", "\\'; SELECT pg_sleep(9)--", "{}", "%s", ":x", "$1",
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "=HYPERLINK(1)", "\x00", "\x1b[31m", "\u202e", "\ud7ff" * 300,
)  # fmt: skip
FIELDS = (
    "number", "q", "show", "person", "account", "tag", "since", "until", "before", "log", "state", "done", "lang", "next", "all", "over", "words", "reason",
    "verdict", "ground", "facility", "role", "area", "department", "licence", "username", "display_name", "phone", "email", "assignment", "name", "report",
)  # fmt: skip
TELLING = (
    "1337",
    "pbkdf2",
    "scrypt$",
    "Traceback",
    "psycopg",
    "syntax error",
    "TemplateSyntaxError",
    "UndefinedError",
    "<script>alert",
    "<img src=x",
)


@pytest.mark.parametrize("role", ["system-administrator", "privacy-officer", "doctor", "citizen"])
def test_no_text_is_carried_out_or_shown_as_markup(world, role):  # noqa: F811
    browser, turn = world.browsers[role], 0
    for route in pages():
        if route.name in {"asset", "font", "account_sign_out"}:
            continue
        rest()
        for payload in (PAYLOADS[turn % len(PAYLOADS)], PAYLOADS[(turn * 7 + 3) % len(PAYLOADS)]):
            turn += 1
            form = dict.fromkeys(FIELDS, payload)
            for answer in (browser.get(address(route), form), browser.post(address(route), form)):
                text = answer.content.decode()
                assert answer.status_code < 500, (route.address, payload)
                assert not [one for one in TELLING if one in text], (route.address, payload)
                assert not answer.get("Location", "/").startswith(("javascript:", "//", "http")), route.address
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT to_regclass('person') IS NOT NULL").fetchone() == (True,)


@pytest.mark.parametrize("payload", [one for one in PAYLOADS if "/" not in one and one.isprintable()])
def test_a_number_in_an_address_is_a_number_or_nobody(world, payload):  # noqa: F811
    rest()
    answer = world.browsers["doctor"].get("/record/" + payload.replace("%", "%25").replace("?", "%3F").replace("#", "%23"))
    assert answer.status_code in {302, 400, 403, 404}
    assert not [one for one in TELLING if one in answer.content.decode()]


def test_what_an_account_is_called_stays_text_on_every_page_that_shows_it(world):  # noqa: F811
    evil = "<script>alert('a')</script>{{7*191}}"
    form = {
        "username": "bs.evil",
        "display_name": evil,
        "role": "doctor",
        "facility": w.FACILITY,
        "reason": evil,
        "licence": evil[:60],
        "department": "K01",
    }
    admin = world.browsers["system-administrator"]
    assert admin.post("/admin/accounts/add", form).status_code == 200
    with reading(by=w.OPERATOR) as conn:
        ident = conn.execute("SELECT id FROM accounts_user WHERE username = 'bs.evil'").fetchone()[0]
    for page in ("/admin/accounts", f"/admin/accounts/{ident}", "/trail?log=security", "/admin/review"):
        text = admin.get(page).content.decode()
        assert "<script>alert" not in text
        assert "1337" not in text


def test_an_exported_log_runs_nothing_in_a_spreadsheet(world):  # noqa: F811
    officer = world.browsers["privacy-officer"]
    world.browsers["doctor"].post(
        f"/record/{w.RESIDENT}/emergency", {"ground": "life", "reason": '=HYPERLINK("http://evil")', "facility": w.FACILITY}
    )
    answer = officer.get("/trail/export")
    assert answer.status_code == 200
    lines = answer.content.decode().splitlines()
    assert not [line for line in lines for cell in line.split(",") if cell.strip('"')[:1] in set("=+@")]
