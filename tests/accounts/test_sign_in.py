"""People sign in through the real pages: codes, passwords, second factors, sessions that end, guessers kept out."""

import re
import time
from datetime import timedelta

import pytest

from tests.accounts.conftest import FACILITY, PASSWORD, code_of, first_sign_in, is_in, sign_in, users
from yba import accounts, audit
from yba.accounts import limits
from yba.kit import Actor, clock
from yba.kit.db import reading, unit_of_work
from yba.specs.sign_in import sign_in as limits_of_the_law

STRONG = "bầu ơi thương lấy bí cùng"


def set_up_app(browser):
    """Set up an authenticator app as a browser would; returns its key."""
    page = browser.get("/accounts/second-factor/app/", follow=True).content.decode()
    secret = re.search(r'id="totp_secret">([A-Z2-7=]+)<', page).group(1)
    answer = browser.post("/accounts/second-factor/app/", {"code": code_of(secret)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def trail(operator, tag):
    with reading(by=operator) as conn:
        return audit.trail(conn, by=operator, tag=tag, limit=10_000)


# codes


def test_a_joiner_signs_in_with_the_code_and_then_with_the_password(joined, inside, browse, operator):
    made = joined("bs.mai")
    assert re.fullmatch(r"([a-z2-9]{4}-){4}[a-z2-9]{4}", made.code)
    browser = browse()
    assert first_sign_in(browser, made).status_code == 302
    assert is_in(browser)
    assert sign_in(browse(), "BS.MAI").status_code == 302, "in any case"
    assert [row.detail["how"] for row in trail(operator, audit.Tag.SIGN_IN)] == [["password"], ["password"]]
    assert len(trail(operator, audit.Tag.PASSWORD_CHANGE)) == 1


def test_a_code_works_once_for_a_day_and_the_newest_only(joined, inside, browse, operator):
    old = joined("bs.mai")
    with unit_of_work(by=operator) as conn:
        new = accounts.reset_credentials(conn, by=operator, account=old.account, reason="mất giấy")
    assert first_sign_in(browse(), old).status_code == 200
    with clock.frozen(clock.now() + timedelta(hours=25)):
        assert first_sign_in(browse(), new).status_code == 200
    assert first_sign_in(browse(), new).status_code == 302
    assert first_sign_in(browse(), new).status_code == 200, "used up"


def test_what_is_wrong_with_a_password_is_told_only_to_who_has_the_code(joined, inside, browse):
    made = joined("bs.mai")
    short = {"username": "bs.mai", "code": made.code, "password1": "ngắn", "password2": "ngắn"}
    assert "14" in browse().post("/accounts/recover/", short).content.decode()
    wrong = browse().post("/accounts/recover/", {**short, "code": "aaaa-bbbb-cccc-dddd-eeee"}).content.decode()
    unknown = browse().post("/accounts/recover/", {**short, "username": "nobody"}).content.decode()
    assert "Tên đăng nhập hoặc mã không đúng" in wrong
    assert "Tên đăng nhập hoặc mã không đúng" in unknown
    assert browse().post("/accounts/recover/", {**short, "password1": PASSWORD, "password2": PASSWORD}).status_code == 302, "the code is still good"


def test_a_reset_ends_every_session(joined, inside, browse, operator):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    with unit_of_work(by=operator) as conn:
        accounts.reset_credentials(conn, by=operator, account=made.account, reason="nghi lộ mật khẩu")
    assert not is_in(browser)
    assert sign_in(browse(), "bs.mai").status_code == 200, "the old password is void"


# passwords


@pytest.mark.parametrize(
    ("password", "said"), [("mười ba chữ.", "14"), ("x" * 129, "128"), ("tôi là bs.mai nhé bạn", "tên"), ("NGUYEN đi làm về rồi", "tên")]
)
@pytest.mark.law("ANM-R10")
def test_a_password_is_long_and_not_the_name(joined, inside, browse, password, said):
    page = first_sign_in(browse(), joined("bs.mai", name="Nguyễn Thị Mai"), password)
    assert page.status_code == 200
    assert said in page.content.decode()


def change(browser, old, new):
    return browser.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.law("ANM-R10")
def test_the_last_ten_passwords_do_not_come_back(joined, inside, browse, database):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    now = PASSWORD
    for number in range(3):
        new = f"{STRONG} {number}"
        assert change(browser, now, new).status_code == 302
        now = new
    for old in (PASSWORD, f"{STRONG} 0", now):
        page = change(browser, now, old)
        assert page.status_code == 200
        assert "gần nhất" in page.content.decode()
    with database.as_owner() as conn:
        conn.execute(
            "INSERT INTO accounts_password (account, set_at, encoded) SELECT %s, now() + n * interval '1 second', 'x' FROM generate_series(1, 9) n",
            (made.account,),
        )
    change(browser, now, f"{STRONG} mới")
    with database.as_owner() as conn:
        assert conn.execute("SELECT count(*) FROM accounts_password WHERE account = %s", (made.account,)).fetchone() == (10,)


@pytest.mark.law("ANM-R10")
def test_kept_passwords_are_scrypt_and_history_is_too(joined, inside, browse, database):
    first_sign_in(browse(), joined("bs.mai"))
    with database.as_owner() as conn:
        kept = conn.execute("SELECT password FROM accounts_user UNION ALL SELECT encoded FROM accounts_password").fetchall()
    assert len(kept) == 2
    assert all(row[0].startswith("scrypt$16384$") for row in kept)


@pytest.mark.law("ANM-R10")
def test_an_administrator_changes_the_password_every_two_months(joined, inside, browse):
    made = joined("qt.ba", "facility-administrator", name="Phạm Thị Ba")
    browser = browse()
    first_sign_in(browser, made)
    set_up_app(browser)
    assert browser.get("/accounts/second-factor/").status_code == 200
    users().filter(username="qt.ba").update(password_set_at=clock.now() - timedelta(days=61))
    assert browser.get("/accounts/second-factor/")["Location"] == "/accounts/password/change/"
    assert browser.get("/")["Location"] == "/accounts/password/change/", "before any page"
    change(browser, PASSWORD, STRONG)
    assert browser.get("/accounts/second-factor/").status_code == 200


def test_a_doctors_password_does_not_age(joined, inside, browse):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    users().filter(username="bs.mai").update(password_set_at=clock.now() - timedelta(days=400))
    assert browser.get("/accounts/second-factor/").status_code == 200


@pytest.mark.law("ANM-R10")
def test_a_short_password_lives_only_beside_a_second_factor(joined, inside, browse):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    set_up_app(browser)
    assert change(browser, PASSWORD, "tám chữ9").status_code == 302
    browser.post("/accounts/reauthenticate/", {"password": "tám chữ9"})
    assert browser.post("/accounts/second-factor/app/remove/").status_code == 302
    assert browser.get("/accounts/second-factor/")["Location"] == "/accounts/password/change/"


# second factors


@pytest.mark.law("ANM-R10")
def test_outside_the_facilitys_network_a_second_factor_comes_first(joined, inside, browse):
    made = joined("bs.mai")
    at_work = browse("10.20.0.5")
    first_sign_in(at_work, made)
    assert at_work.get("/accounts/second-factor/").status_code == 200
    home = browse("113.160.4.4")
    assert sign_in(home, "bs.mai").status_code == 302
    for page in ("/", "/record/x", "/accounts/password/change/", "/accounts/second-factor/app/"):
        assert home.get(page)["Location"] == "/accounts/stuck/", "a stolen password does not set up a factor from anywhere"
    assert home.get("/accounts/stuck/").status_code == 403
    assert home.post("/", {"number": "1"}).status_code == 403
    set_up_app(at_work)
    assert sign_in(browse("113.160.4.4"), "bs.mai")["Location"] == "/accounts/second-factor/authenticate/"


def test_a_session_that_leaves_the_network_proves_the_second_factor(joined, inside, browse):
    made = joined("bs.mai")
    browser = browse("10.20.0.5")
    first_sign_in(browser, made)
    assert browser.get("/accounts/second-factor/").status_code == 200
    browser.defaults["REMOTE_ADDR"] = "113.160.4.4"
    browser.post("/accounts/logout/")
    other = browse("10.20.0.5")
    sign_in(other, "bs.mai")
    other.defaults["REMOTE_ADDR"] = "113.160.4.4"
    assert other.get("/accounts/password/change/")["Location"] == "/accounts/stuck/"


def test_the_code_from_the_administrators_hand_lets_set_up_a_factor_outside(joined, inside, browse):
    made = joined("bs.mai")
    home = browse("113.160.4.4")
    first_sign_in(home, made)
    assert home.get("/record/x")["Location"] == "/accounts/second-factor/app/"
    set_up_app(home)
    assert home.get("/accounts/password/change/").status_code == 200


def test_anothers_code_lends_nobody_its_trust(joined, inside, browse):
    """Whoever has a code of the own and a stolen password cannot set up a factor for the other account."""
    thief, victim = joined("kt.troc", name="Kẻ Trộm"), joined("bs.mai")
    first_sign_in(browse(), victim)
    home = browse("113.160.4.4")
    first_sign_in(home, thief)
    home.post("/accounts/logout/")
    sign_in(home, "bs.mai")
    assert home.get("/record/x")["Location"] == "/accounts/stuck/"


@pytest.mark.parametrize("role", ["system-administrator", "facility-administrator", "privacy-officer"])
@pytest.mark.law("ANM-R10")
def test_administrators_need_a_second_factor_everywhere(joined, inside, browse, operator, role):
    made = joined("qt.ba", role, facility=FACILITY if role == "facility-administrator" else "", name="Phạm Thị Ba")
    with unit_of_work(by=operator) as conn:
        accounts.set_networks(conn, by=operator, facility="", networks=["10.20.0.0/16"])
    browser = browse("10.20.0.5")
    first_sign_in(browser, made)
    assert browser.get("/")["Location"] == "/accounts/second-factor/app/"
    set_up_app(browser)
    assert browser.get("/accounts/second-factor/").status_code == 200


def test_a_code_of_the_app_works_once_and_recovery_codes_once(joined, inside, browse, database, operator):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    secret = set_up_app(browser)
    page = browser.get("/accounts/second-factor/codes/").content.decode()
    codes = re.findall(r"<code>([^<]+)</code>", page)
    assert len(codes) == 10
    assert browser.get("/accounts/second-factor/codes/").content.decode().count("<code>") == 0, "shown once"

    def second(code):
        one = browse()
        sign_in(one, "bs.mai")
        return one.post("/accounts/second-factor/authenticate/", {"code": code}).status_code

    now = code_of(secret)
    assert second(now) == 302
    assert second(now) == 200, "a code seen over the shoulder is worth nothing"
    assert second(codes[0]) == 302
    assert second(codes[0]) == 200
    assert second("000000") == 200
    with database.as_owner() as conn:
        kept = conn.execute("SELECT data::text FROM mfa_authenticator").fetchall()
    assert not any(secret in row[0] or codes[1] in row[0] for row in kept), "keys are kept encrypted"
    assert {row.detail["type"] for row in trail(operator, audit.Tag.FACTOR_ADD)} == {"totp", "recovery_codes"}
    assert "second factor" in {row.reason for row in trail(operator, audit.Tag.SIGN_IN_REFUSED)}


# sessions


@pytest.mark.parametrize(("role", "minutes"), [("doctor", 30), ("facility-administrator", 15)])
@pytest.mark.law("ANM-R10")
def test_a_session_left_alone_is_over(joined, inside, browse, operator, role, minutes):
    made = joined("bs.mai", role)
    browser = browse()
    first_sign_in(browser, made)
    if role != "doctor":
        set_up_app(browser)
    start = clock.now()
    with clock.frozen(start + timedelta(minutes=minutes - 1)):
        assert browser.get("/accounts/second-factor/").status_code == 200
    with clock.frozen(start + timedelta(minutes=2 * minutes - 2)):
        assert browser.get("/accounts/second-factor/").status_code == 200, "counted from the last use"
    with clock.frozen(start + timedelta(minutes=3 * minutes)):
        assert browser.get("/record/x")["Location"] == "/accounts/login/?over=1"
    assert browser.get("/accounts/second-factor/").status_code == 302, "and stays over"


def test_no_session_is_longer_than_a_shift(joined, inside, browse):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    start = clock.now()
    for minutes in range(25, 12 * 60, 25):
        with clock.frozen(start + timedelta(minutes=minutes)):
            assert browser.get("/accounts/second-factor/").status_code == 200
    with clock.frozen(start + timedelta(hours=12, minutes=1)):
        assert browser.get("/accounts/second-factor/").status_code == 302


def test_the_key_of_a_session_changes_at_sign_in_and_dies_at_sign_out(joined, inside, browse, database, operator):
    made = joined("bs.mai")
    first_sign_in(browse(), made)
    browser = browse()
    browser.get("/accounts/login/")
    browser.cookies["__Host-yba"] = "x" * 32  # a key somebody else chose
    sign_in(browser, "bs.mai")
    key = browser.cookies["__Host-yba"].value
    assert key != "x" * 32
    cookie = browser.cookies["__Host-yba"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    with database.as_owner() as conn:
        assert conn.execute("SELECT count(*) FROM accounts_user_session WHERE session_key = %s", (key,)).fetchone() == (0,), "kept as a hash"
        assert conn.execute("SELECT count(*) FROM accounts_user_session WHERE account = %s", (made.account,)).fetchone() == (2,)
    browser.post("/accounts/logout/")
    thief = browse()
    thief.cookies["__Host-yba"] = key
    assert not is_in(thief)
    assert len(trail(operator, audit.Tag.SIGN_OUT)) == 1


def test_a_changed_password_ends_the_other_sessions(joined, inside, browse):
    made = joined("bs.mai")
    first, second = browse(), browse()
    first_sign_in(first, made)
    sign_in(second, "bs.mai")
    change(first, PASSWORD, STRONG)
    assert is_in(first)
    assert not is_in(second)


def test_a_page_elsewhere_cannot_sign_in_or_out_for_somebody(joined, inside, browse):
    from django.test import Client  # noqa: PLC0415  # one that checks

    joined("bs.mai")
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"}, REMOTE_ADDR="10.20.0.5")
    for page in ("/accounts/login/", "/accounts/logout/", "/accounts/recover/", "/accounts/oidc/vneid/login/", "/accounts/second-factor/app/"):
        assert strict.post(page, {}).status_code == 403, page


def test_pages_load_nothing_from_elsewhere_and_stay_in_no_cache(browse):
    answer = browse().get("/accounts/login/")
    assert answer["Cache-Control"].startswith("max-age=0") or "no-store" in answer["Cache-Control"]
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    page = answer.content.decode()
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "style=" not in page
    assert browse().get("/accounts/asset/style.css").status_code == 200
    assert browse().get("/accounts/asset/settings.py").status_code == 404


def test_english_is_chosen_never_guessed(browse):
    browser = browse()
    assert "Đăng nhập" in browser.get("/accounts/login/", headers={"accept-language": "en"}).content.decode()
    assert "<h1>Sign in</h1>" in browser.get("/accounts/login/?lang=en").content.decode()
    assert "<h1>Sign in</h1>" in browser.get("/accounts/login/").content.decode(), "and remembered"


def test_nobody_registers_or_asks_for_mail(browse):
    assert browse().get("/accounts/closed/").status_code == 404
    for page in ("/accounts/signup/", "/accounts/email/", "/accounts/password/reset/", "/accounts/3rdparty/", "/admin/"):
        assert browse().get(page).status_code == 404, page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_our_own_pages_only(joined, inside, browse, target):
    first_sign_in(browse(), joined("bs.mai"))
    answer = browse().post("/accounts/login/", {"login": "bs.mai", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


# guessers


def test_an_unknown_name_a_wrong_password_and_a_disabled_account_look_the_same(joined, inside, browse, operator):
    first_sign_in(browse(), joined("bs.mai"))
    gone = joined("bs.hai", name="Trần Văn Hai")
    first_sign_in(browse(), gone, STRONG)
    with unit_of_work(by=operator) as conn:
        accounts.leave(conn, by=operator, account=gone.account, reason="nghỉ")

    def told(name, password):
        answer = sign_in(browse("113.160.4.4"), name, password)
        return answer.status_code, re.sub(r'value="[^"]*"', "", answer.content.decode())

    wrong = told("bs.mai", "sai mật khẩu rồi nhé")
    assert wrong == told("khong.co", "sai mật khẩu rồi nhé") == told("bs.hai", STRONG) == told("bs.hai", "sai mật khẩu rồi nhé")
    assert wrong[0] == 200


def test_the_same_work_is_done_for_names_that_do_not_exist(joined, inside, browse, monkeypatch):
    """Counted, not timed: each try costs one scrypt whether the account is there, has a password, or never was."""
    from django.contrib.auth import hashers  # noqa: PLC0415  # the real one, counted

    first_sign_in(browse(), joined("bs.mai"))
    joined("bs.moi", name="Người Mới")
    done = []
    real = hashers.ScryptPasswordHasher.encode
    monkeypatch.setattr(hashers.ScryptPasswordHasher, "encode", lambda self, *args, **more: done.append(1) or real(self, *args, **more))
    work = []
    for name in ("bs.mai", "bs.moi", "khong.co"):
        done.clear()
        sign_in(browse(), name, "sai mật khẩu rồi nhé")
        work.append(len(done))
    assert work == [1, 1, 1]


def guess(name, address, times, operator, password="sai"):
    """Fail as the pages would, without the costly hash: the counting is what is tested."""
    gate, refused = Actor.system("sign-in"), 0
    with unit_of_work(by=gate) as conn:
        for number in range(times):
            who = name(number) if callable(name) else name
            found = limits.admit(conn, username=who, address=address(number) if callable(address) else address)
            if isinstance(found, accounts.Refused):
                refused += 1
            else:
                limits.failed(conn, by=gate, attempt=found, account=None, what="password")
    return refused


@pytest.mark.law("ANM-R10")
def test_ten_wrong_passwords_lock_the_pair_and_say_so_to_names_that_do_not_exist_too(joined, inside, browse, operator):
    first_sign_in(browse("10.20.0.9"), joined("bs.mai"))
    for name in ("bs.mai", "khong.co"):
        guess(name, "113.160.4.4", 10, operator)
        page = sign_in(browse("113.160.4.4"), name).content.decode()
        assert "Đã thử sai quá nhiều lần" in page, "also the right password is refused now"
    assert sign_in(browse("10.20.0.9"), "bs.mai").status_code == 302, "not where the account signed in before"


def test_a_facilitys_own_address_is_never_locked_as_a_whole(joined, inside, browse, operator):
    first_sign_in(browse("10.20.0.9"), joined("bs.mai"))
    guess(lambda n: f"ten{n}", "10.20.0.5", 300, operator)
    assert sign_in(browse("10.20.0.5"), "bs.mai").status_code == 302
    guess(lambda n: f"ten{n}", "113.160.4.4", 60, operator)
    assert "quá nhiều lần" in sign_in(browse("113.160.4.4"), "bs.mai").content.decode(), "a stranger's address is"


@pytest.mark.parametrize("tries", [3000, pytest.param(100_000, marks=pytest.mark.long)])
def test_many_thousand_failures_neither_fill_tables_nor_keep_anybody_out(joined, inside, browse, operator, database, tries):
    """From one address, from a hospital's own, and from thousands of addresses at thousands of names."""
    first_sign_in(browse("10.20.0.9"), joined("bs.mai"))
    law, begun = limits_of_the_law().lock_out, time.monotonic()
    for chunk in range(10):
        guess("bs.mai", "113.160.4.4", tries // 50, operator)
        guess("bs.mai", "10.20.0.5", tries // 50, operator)
        guess(lambda n, c=chunk: f"ten{c}-{n}", lambda n, c=chunk: f"100.{c}.{n // 250}.{n % 250}", tries * 3 // 50, operator)
    minutes = (time.monotonic() - begun) / 60 + 1
    with database.as_owner() as conn:
        failures, paces = (conn.execute(f"SELECT count(*) FROM accounts_{name}").fetchone()[0] for name in ("failure", "pace"))  # noqa: S608
        rows = conn.execute("SELECT count(*) FROM security WHERE tag = 'accounts:sign:in-refused'").fetchone()[0]
        conn.execute("UPDATE accounts_failure SET first_at = first_at - interval '2 hours', locked_until = locked_until - interval '2 hours'")
        conn.execute("UPDATE accounts_pace SET seen_at = seen_at - interval '2 hours'")
    # What strangers add is bounded by the pace of all of them together, whatever the number of tries: four counts and one row each.
    most = law.attempts_per_minute_strangers * minutes
    assert failures <= 4 * most + 50
    assert rows <= most + 200
    assert sign_in(browse("10.20.0.9"), "bs.mai").status_code == 302, "the hospital works on"
    guess(lambda n: f"ten{n}", "10.20.0.7", 200, operator)
    with database.as_owner() as conn:
        left = [conn.execute(f"SELECT count(*) FROM accounts_{name}").fetchone()[0] for name in ("failure", "pace")]  # noqa: S608
    # A slow machine lets more minutes pass, so more are there; each new failure still clears ten times what it adds.
    assert failures - left[0] > min(failures / 2, 200 * 10), "old counts are cleared away as new ones come"
    assert left[1] < paces


def test_the_name_typed_is_never_written_down(joined, inside, browse, operator):
    sign_in(browse(), "matkhaucuatoi123")
    row = trail(operator, audit.Tag.SIGN_IN_REFUSED)[0]
    assert "matkhau" not in repr(row)
    assert row.detail["address"] == "10.20.0.5"


@pytest.mark.parametrize("name", ["\0", "x" * 5000, "a\0b", "' OR 1=1 --", "bs.mai\n"])
def test_odd_names_are_refused_quietly(places, browse, name):
    assert sign_in(browse(), name).status_code == 200
    given = {"username": name, "code": name, "password1": PASSWORD, "password2": PASSWORD}
    assert browse().post("/accounts/recover/", given).status_code == 200


@pytest.mark.parametrize("address", ["", "not an address", "fe80::1%eth0", "::ffff:10.20.0.5", "2001:db8::1"])
def test_odd_addresses_are_outside_or_what_they_are(joined, inside, browse, address):
    made = joined("bs.mai")
    browser = browse(address)
    assert first_sign_in(browser, made).status_code == 302
    assert (browser.get("/record/x").status_code == 302) == (address != "::ffff:10.20.0.5")


def test_a_header_of_the_caller_moves_nobody_inside(joined, inside, browse):
    first_sign_in(browse("10.20.0.9"), joined("bs.mai"))
    home = browse("113.160.4.4")
    sign_in(home, "bs.mai")
    answer = home.get("/record/x", headers={"x-forwarded-for": "10.20.0.5", "x-real-ip": "10.20.0.5"})
    assert answer["Location"] == "/accounts/stuck/"
    with accounts.PROXIES.set_to(1):
        inside, outside = ({"x-forwarded-for": f"{left}, {right}"} for left, right in (("1.1.1.1", "10.20.0.5"), ("10.20.0.5", "1.1.1.1")))
        assert home.get("/accounts/password/change/", headers=inside).status_code == 302, "the caller is none of our proxies"
        assert home.get("/accounts/password/change/", headers=inside, REMOTE_ADDR="127.0.0.1").status_code == 200
        assert home.get("/accounts/password/change/", headers=outside, REMOTE_ADDR="127.0.0.1").status_code == 302
