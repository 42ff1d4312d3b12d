"""The pages over HTTP, signed in: who may open them, what is written down, what the headers promise."""

import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import get_resolver

from yba import access, accounts, audit, directory, record
from yba.access import Right
from yba.kit import Actor, clock, settings
from yba.operations.bench_record import puts
from yba.operations.sample_record import PERSON, sample_record
from yba.specs import access as specs
from yba.web import edge
from yba.web.pages import reports

OPERATOR = Actor.operator()
WHO = UUID(PERSON)
HERE, THERE = "11001", "11002"


@pytest.fixture
def province(conn):
    """A person with a record, two facilities."""
    record.put_many(conn, by=OPERATOR, puts=puts(sample_record(120, last=clock.today()), UUID(int=1)))
    directory.ensure_many(conn, by=OPERATOR, seen_at=clock.now(), facilities=[HERE, THERE])
    for place in (HERE, THERE, ""):
        accounts.set_networks(conn, by=OPERATOR, facility=place, networks=["127.0.0.0/8"])
    return conn


@pytest.fixture
def signed_in(province):
    """Sign somebody with a role in: a browser and the account. The second factor counts as used where the role always needs one."""

    def make(role, *, facility=HERE, name=None, area="", person=None, proven=None):
        post = accounts.Post(role, facility=facility, area=area, person_id=person)
        username = name or f"{role}.{uuid4().hex[:6]}"
        if role in {"citizen", "guardian"}:
            account = _citizen(province, username, post)
        else:
            made = accounts.join(province, by=OPERATOR, username=username, display_name=f"Người {role}", post=post, reason="vào làm việc")
            account = made.account
        return _browser(province, account, proven=proven), account

    return make


def _citizen(conn, username, post):
    from yba.accounts import store_people  # noqa: PLC0415  # citizens come through the identity provider; here the account is made directly

    account = uuid4()
    row = {"id": account, "username": username, "kind": "citizen", "display_name": "Nguyễn Thị Mai", "phone": "", "email": ""}
    own = post.person_id if post.role == "citizen" else None
    store_people.insert_account(conn, {**row, "person_id": own, "demo": False, "at": clock.now(), "by": "test"})
    accounts.assign(conn, by=OPERATOR, account=account, post=post, reason="của chính mình")
    return account


def _browser(conn, account, *, proven):
    from django.contrib.auth import get_user_model  # noqa: PLC0415  # needs Django's apps

    user = get_user_model().objects.get(pk=account)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    session = client.session
    now = clock.now().timestamp()
    session["started"] = session["seen"] = now
    if proven is not False:
        session["yba_assured"] = str(account)
    session.save()
    return client


def related(conn, account, *, kind=access.RelationKind.VISIT, unit=None):
    unit_kind = access.UnitKind.USER if unit is None else access.UnitKind.FACILITY
    tie = access.Relation(WHO, unit_kind, unit or str(account), kind, clock.now(), None, "Encounter", "e1", uuid4())
    access.relate_many(conn, by=OPERATOR, relations=[tie])


def rows(conn, tag):
    return conn.execute("SELECT who, person_id, about_id, outcome FROM audit_event WHERE tag = %s ORDER BY id", (tag.value,)).fetchall()


def test_home(signed_in):
    browser, _ = signed_in("doctor")
    answer = browser.get("/")
    assert answer.status_code == 200, answer.content.decode()


@pytest.mark.parametrize("role", ["data-scientist", "epidemiologist", "programme-officer"])
def test_who_works_with_numbers_is_led_to_them(signed_in, role):
    browser, _ = signed_in(role, area="03127" if role == "epidemiologist" else "")
    first, home = browser.get("/").text, browser.get("/home").text
    assert specs.roles()[role].vi in home
    for page in (first, home):
        assert 'href="/measures"' in page
        assert "chưa có trang làm việc riêng" not in page
    assert ('href="/home"' in first) == (role != "data-scientist"), "whose board stands first has the rest one step away"


@pytest.mark.parametrize("role", ["claims-auditor"])
def test_who_has_no_page_yet_is_told_what_they_are_and_why_it_is_empty(signed_in, role):
    browser, _ = signed_in(role, area="03127" if role == "epidemiologist" else "")
    page = browser.get("/").text
    spec = specs.roles()[role]
    assert spec.vi in page
    assert "chưa có trang làm việc riêng" in page
    assert f"Cơ sở {HERE}" in page, "a facility without a name in the directory is not a bare code"


def test_a_refusal_in_vietnamese_names_the_law_in_vietnamese(signed_in):
    browser, _ = signed_in("doctor")
    page = browser.get(f"/record/{PERSON}").text
    assert "Luật 15/2023 Đ10" in page
    assert "Law 15" not in page
    assert "Law 15/2023 art. 10" in browser.get(f"/record/{PERSON}?lang=en").text


def test_without_sign_in_there_is_nothing(province):
    browser = Client(headers={"host": "localhost"})
    for path in ("/", f"/record/{PERSON}", "/record/011159001234", "/me", "/trail", "/admin/accounts", "/emergencies", "/admin/clients/reset"):
        answer = browser.get(path)
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/"), path
        assert b"NGUY" not in answer.content
    assert browser.post("/search", {"number": "011159001234"})["Location"] == "/accounts/login/"


def _nothing():
    return None


def test_every_page_declares_its_right_and_an_undeclared_one_does_not_start():
    with pytest.raises(ImproperlyConfigured):
        edge.at("bare", len, "bare")
    with pytest.raises(ImproperlyConfigured):
        edge.open_at("bare", access.needs(Right.RECORD_CLINICAL_READ)(_nothing), "bare")
    pages = [one for one in get_resolver().url_patterns if getattr(one, "urlconf_name", None) and "web" in str(one.urlconf_name)]
    assert pages
    for page in pages[0].url_patterns:
        assert access.declared(page.callback) is not None, page.name


PAGES = (
    "/", "/emergencies", "/reports", "/trail", "/trail/export", "/admin/accounts", "/admin/accounts/add", "/admin/clients", "/admin/review",
    "/admin/roles", "/clerk", "/clerk/decided", "/clerk/figures", "/clerk/proposals", "/me/looks", "/me/notices",
)  # fmt: skip
STAFF = (
    "doctor", "station-nurse", "pharmacist", "lab", "ambulance-crew", "dispatcher", "epidemiologist", "programme-officer", "claims-auditor",
    "record-clerk", "identity-officer", "provincial-manager", "data-scientist", "facility-administrator", "system-administrator", "privacy-officer",
)  # fmt: skip
OPEN_TO = {
    "/": STAFF,
    "/emergencies": ("privacy-officer",),
    "/reports": ("privacy-officer",),
    "/trail": ("privacy-officer", "facility-administrator", "system-administrator"),
    "/trail/export": ("privacy-officer",),
    "/admin/accounts": ("privacy-officer", "facility-administrator", "system-administrator"),
    "/admin/accounts/add": ("facility-administrator", "system-administrator"),
    "/admin/clients": ("privacy-officer", "facility-administrator", "system-administrator"),
    "/admin/review": ("privacy-officer", "facility-administrator", "system-administrator"),
    **dict.fromkeys(("/clerk", "/clerk/decided", "/clerk/figures", "/clerk/proposals"), ("record-clerk", "identity-officer")),
    "/admin/roles": ("privacy-officer", "facility-administrator", "system-administrator", "provincial-manager"),
}


@pytest.mark.parametrize("role", STAFF)
def test_a_role_opens_and_sees_in_its_menu_only_what_it_holds(signed_in, province, role):
    browser, _ = signed_in(role, facility=HERE, area="03127" if role in {"station-nurse", "epidemiologist"} else "")
    before = len(rows(province, audit.Tag.RIGHT_REFUSED))
    opened = {path for path in PAGES if browser.get(path).status_code == 200}
    assert opened == {path for path, roles in OPEN_TO.items() if role in roles}
    assert len(rows(province, audit.Tag.RIGHT_REFUSED)) - before == len(PAGES) - len(opened), "each refusal is in the trail"
    for path in ("/", "/home"):
        assert browser.get(path).text.count("<h1") == 1, "a page has one name"
    menu = browser.get("/").text.split('<nav class="menu"')[1].split("</nav>")[0]
    assert {path for path in PAGES if f'href="{path}"' in menu} <= opened


@pytest.mark.parametrize("asked", ["before=²", "before=9999999999999999999", "before=٣", "until=31/12/9999", "until=9999-12-31", "since=0001-01-01"])
def test_odd_numbers_and_days_in_an_address_are_no_failure(signed_in, asked):
    """A ² is a digit to Python and no number: it ended the page with a 500."""
    officer, _ = signed_in("privacy-officer")
    for path in ("/trail", f"/record/{PERSON}/looks"):
        assert officer.get(f"{path}?{asked}").status_code in {200, 400, 403, 404}


def test_no_relation_no_record_and_the_refusal_is_kept_and_leads_on(signed_in, province):
    browser, account = signed_in("doctor", proven=True)
    answer = browser.get(f"/record/{PERSON}")
    assert answer.status_code == 403
    assert "NGUYỄN THỊ MAI" not in answer.text
    assert f"/record/{PERSON}/emergency" in answer.text
    assert rows(province, audit.Tag.RIGHT_REFUSED)[-1] == (f"user:{account}", WHO, "record:clinical:read", "refused")
    assert browser.get(f"/record/{UUID(int=9)}").text.count("Mở khẩn cấp") == answer.text.count("Mở khẩn cấp"), "nobody's id answers the same"
    officer, _ = signed_in("claims-auditor")
    assert "/emergency" not in officer.get(f"/record/{PERSON}").text


def test_a_relation_opens_the_record_and_says_so(signed_in, province):
    browser, account = signed_in("doctor")
    related(province, account)
    answer = browser.get(f"/record/{PERSON}")
    assert answer.status_code == 200
    assert "NGUYỄN THỊ MAI" in answer.text
    assert "đang khám, điều trị tại cơ sở của bạn (Bác sĩ)" in answer.text
    assert rows(province, audit.Tag.PAGE_READ)[-1][:2] == (f"user:{account}", WHO)
    printed = browser.get(f"/record/{PERSON}/print")
    assert printed.status_code == 200
    assert rows(province, audit.Tag.PAGE_PRINT)[-1][:2] == (f"user:{account}", WHO)


GLASS = {"ground": "life", "reason": "tai nạn giao thông, hôn mê, cần biết dị ứng"}


def test_a_sensitive_page_asks_for_the_second_factor(signed_in):
    browser, _ = signed_in("privacy-officer", proven=False)
    answer = browser.get("/trail")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/second-factor/")


def test_no_patient_waits_for_a_second_factor(signed_in):
    browser, _ = signed_in("doctor", proven=False)
    assert browser.get(f"/record/{PERSON}").status_code == 403
    assert browser.get(f"/record/{PERSON}/emergency").status_code == 200


def test_an_emergency_opens_the_record_tells_the_person_and_is_reviewed(signed_in, province):
    browser, _ = signed_in("doctor", proven=True)
    for wrong in ({"ground": "life", "reason": "gấp"}, {"ground": "vì muốn", "reason": GLASS["reason"]}):
        refused = browser.post(f"/record/{PERSON}/emergency", wrong)
        assert refused.status_code == 400
        assert "Điều sẽ xảy ra" in refused.text, "the form again, with the reason"
    assert province.execute("SELECT count(*) FROM emergency").fetchone() == (0,)
    assert browser.post(f"/record/{PERSON}/emergency", GLASS)["Location"] == f"/record/{PERSON}"
    opened = browser.get(f"/record/{PERSON}")
    assert opened.status_code == 200
    assert "mở khẩn cấp, đến" in opened.text

    citizen, _ = signed_in("citizen", facility="", person=WHO)
    assert "được mở khẩn cấp lúc" in citizen.get("/").text
    notice = citizen.get("/me/notices").text
    assert "Đe dọa tính mạng" in notice
    assert "tai nạn giao thông" not in notice, "the reason is the officer's"

    officer, _ = signed_in("privacy-officer", facility="")
    assert "lần mở khẩn cấp chờ kết luận" in officer.get("/").text
    assert "tai nạn giao thông" in officer.get("/emergencies").text
    (emergency,) = province.execute("SELECT id FROM emergency").fetchone()
    assert officer.post(f"/emergencies/{emergency}", {"verdict": "", "words": "không rõ vì sao"}).status_code == 400
    said = {"verdict": "unjustified", "words": "không có ca cấp cứu nào hôm đó"}
    assert officer.post(f"/emergencies/{emergency}", said).status_code == 302
    assert browser.get(f"/record/{PERSON}").status_code == 403, "closed at once"
    assert "không hợp lý" in citizen.get("/me/notices").text
    assert officer.post(f"/emergencies/{emergency}", said).status_code == 409


def test_a_citizen_sees_the_own_record_and_nobody_elses(signed_in, province):
    browser, account = signed_in("citizen", facility="", person=WHO)
    home = browser.get("/")
    assert "Chào Nguyễn Thị Mai" in home.text
    assert browser.get("/me")["Location"] == f"/record/{PERSON}"
    own = browser.get(f"/record/{PERSON}")
    assert "NGUYỄN THỊ MAI" in own.text
    assert "hồ sơ của chính bạn" in own.text
    other = browser.get(f"/record/{UUID(int=9)}")
    assert other.status_code == 403
    assert "/emergency" not in other.text
    assert browser.get("/record/011159001234").status_code == 403, "a citizen searches nobody"
    assert browser.post("/search", {"number": "011159001234"}).status_code == 403
    assert browser.get(f"/record/{UUID(int=9)}/looks").status_code == 403
    assert rows(province, audit.Tag.RIGHT_REFUSED)[-1][0] == f"user:{account}"


def test_who_looked_is_a_sentence_and_may_be_reported(signed_in, province):
    doctor, account = signed_in("doctor")
    related(province, account, unit=HERE)
    doctor.get(f"/record/{PERSON}")
    citizen, _ = signed_in("citizen", facility="", person=WHO)
    citizen.get(f"/record/{PERSON}")
    text = citizen.get("/me/looks").text
    assert "Người doctor (Bác sĩ)" in text
    assert "xem hồ sơ" in text
    assert "vì bạn khám, điều trị ở đó" in text
    assert "Chính bạn" not in text
    assert "Chính bạn" in citizen.get("/me/looks?all=1").text
    report = text.split(f'href="/record/{PERSON}/looks/')[1].split('"')[0]
    address = f"/record/{PERSON}/looks/{report}"
    assert "Người doctor" in citizen.get(address).text
    assert citizen.post(address, {"words": "sai"}).status_code == 400
    assert citizen.post(address, {"words": "hôm đó tôi ở nhà, không đi khám"}).status_code == 302
    assert citizen.post(f"/record/{PERSON}/looks/999999", {"words": "hôm đó tôi ở nhà"}).status_code == 404
    officer, _ = signed_in("privacy-officer", facility="")
    waiting = officer.get("/reports").text
    assert "hôm đó tôi ở nhà" in waiting
    number = waiting.split('name="report" value="')[1].split('"')[0]
    assert officer.post("/reports", {"report": number, "words": "Đã kiểm tra: bác sĩ nhập nhầm số, đã nhắc nhở."}).status_code == 302
    assert "hôm đó tôi ở nhà" not in officer.get("/reports").text
    assert officer.post("/reports", {"report": number, "words": "Đã kiểm tra một lần nữa."}).status_code == 404
    assert "đã nhắc nhở" in citizen.get("/me/looks").text


def test_a_guardian_sees_the_ward(signed_in):
    browser, _ = signed_in("guardian", facility="", person=WHO)
    assert f"/record/{PERSON}" in browser.get("/").text
    page = browser.get(f"/record/{PERSON}")
    assert page.status_code == 200
    assert "bạn là người giám hộ" in page.text
    assert browser.get("/me/looks").status_code == 403, "no record of one's own"


def test_an_account_is_opened_its_code_shown_once_and_only_named_fields_count(signed_in, province):
    browser, mine = signed_in("facility-administrator")
    given = {
        "username": "bs.lan",
        "display_name": "Lò Thị Lan",
        "role": "doctor",
        "facility": HERE,
        "reason": "QĐ 12",
        "demo": "1",
        "person_id": PERSON,
    }
    made = browser.post("/admin/accounts/add", given | {"is_active": "", "kind": "citizen", "id": str(UUID(int=5))})
    assert made.status_code == 200, made.text
    code = made.text.split('id="code">')[1].split("<")[0]
    assert len(code) > 8
    row = province.execute("SELECT id, demo, person_id, kind, is_active FROM accounts_user WHERE username = 'bs.lan'").fetchone()
    assert row[1:] == (False, None, "staff", True)
    assert row[0] != UUID(int=5)
    again = browser.post("/admin/accounts/add", given)
    assert again.status_code == 409
    assert 'value="Lò Thị Lan"' in again.text, "what was typed is still there"
    one = browser.get(f"/admin/accounts/{row[0]}").text
    assert code not in one
    assert "QĐ 12" in one
    assert browser.post(f"/admin/accounts/{row[0]}/assign", {"role": "lab", "facility": THERE, "reason": "kiêm nhiệm"}).status_code == 403
    assert browser.post(f"/admin/accounts/{row[0]}/assign", {"role": "system", "facility": HERE, "reason": "x"}).status_code == 400
    assert browser.post(f"/admin/accounts/{mine}/assign", {"role": "doctor", "facility": HERE, "reason": "tự giao"}).status_code == 403
    assert browser.post(f"/admin/accounts/{row[0]}/assign", {"role": "lab", "facility": HERE, "reason": "kiêm nhiệm"}).status_code == 302
    reset = browser.post(f"/admin/accounts/{row[0]}/reset", {"reason": "quên mật khẩu"})
    assert reset.text.split('id="code">')[1].split("<")[0] != code
    assert browser.post(f"/admin/accounts/{row[0]}/disable", {"reason": ""}).status_code == 400
    assert browser.post(f"/admin/accounts/{row[0]}/disable", {"reason": "nghi lộ"})["Location"].endswith("?done=disable")
    assert "đã khóa" in browser.get("/admin/accounts?q=lo+thi").text


def test_an_assignment_of_somebody_else_is_not_ended_through_another_account(signed_in, province):
    browser, _ = signed_in("system-administrator", facility="")
    _, one = signed_in("doctor", name="bs.mot")
    _, two = signed_in("doctor", name="bs.hai")
    (of_two,) = province.execute("SELECT id FROM accounts_assignment WHERE account = %s", (two,)).fetchone()
    assert browser.post(f"/admin/accounts/{one}/end", {"assignment": str(of_two), "reason": "nhầm"}).status_code == 400
    assert browser.post(f"/admin/accounts/{two}/end", {"assignment": str(of_two), "reason": "hết hợp đồng"}).status_code == 302


def test_sessions_are_ended_at_once(signed_in):
    admin, _ = signed_in("system-administrator", facility="")
    doctor, account = signed_in("doctor")
    assert doctor.get("/").status_code == 200
    assert admin.post(f"/admin/accounts/{account}/sign-out", {"reason": "máy dùng chung"}).status_code == 302
    assert doctor.get("/")["Location"].startswith("/accounts/login/")


def test_one_session_is_ended_and_the_others_go_on(signed_in, province):
    admin, _ = signed_in("system-administrator", facility="")
    here, account = signed_in("doctor")
    there = _browser(province, account, proven=None)
    for browser, name in ((here, "Firefox · Windows"), (there, "Chrome · Android")):
        session = browser.session
        session["browser"], session["address"] = name, "10.20.0.5"
        session.save()
    page = admin.get(f"/admin/accounts/{account}").text
    assert page.count("Kết thúc phiên này") == 2
    row = next(part for part in page.split("<tr>") if "Firefox · Windows" in part)
    assert "10.20.0.5" in row
    one = row.split('name="session" value="')[1].split('"')[0]
    assert here.session.session_key not in page, "the page shows no key"
    told = {"session": one, "reason": "máy dùng chung"}
    assert admin.post(f"/admin/accounts/{account}/sign-out", {**told, "session": "x"}).status_code == 400
    assert admin.post(f"/admin/accounts/{account}/sign-out", told).status_code == 302
    assert here.get("/")["Location"].startswith("/accounts/login/")
    assert there.get("/").status_code == 200
    assert admin.post(f"/admin/accounts/{account}/sign-out", told).status_code == 400, "gone already"
    _, other = signed_in("doctor")
    living = admin.get(f"/admin/accounts/{account}").text.split('name="session" value="')[1].split('"')[0]
    assert admin.post(f"/admin/accounts/{other}/sign-out", {"session": living, "reason": "nhầm"}).status_code == 400
    assert there.get("/").status_code == 200, "a session is ended through its own account only"


def test_who_looked_shows_where_they_worked_then(signed_in, province):
    browser, account = signed_in("doctor", proven=True)
    related(province, account)
    assert browser.get(f"/record/{PERSON}").status_code == 200
    for code, name in ((HERE, "Trạm Y tế Mường Thanh"), (THERE, "Bệnh viện Đa khoa tỉnh")):
        directory.complete_facility(province, by=OPERATOR, code=code, name=name)
    with clock.frozen(clock.now() + timedelta(hours=1)):
        accounts.move(province, by=OPERATOR, account=account, post=accounts.Post("doctor", facility=THERE), reason="chuyển công tác")
    citizen, _ = signed_in("citizen", facility="", person=WHO)
    text = citizen.get("/me/looks").text
    assert "Trạm Y tế Mường Thanh" in text
    assert "Bệnh viện Đa khoa tỉnh" not in text


def test_no_report_falls_off_the_end(signed_in, province, monkeypatch):
    monkeypatch.setattr(reports, "_MANY", 2)
    monkeypatch.setattr(reports, "PAGE", 3)
    for number in range(5):
        audit.note(
            province, by=OPERATOR, tag=audit.Tag.LOOKS_REPORT, about_type="AuditEvent", about_id=str(number), person_id=WHO, reason=f"lý do {number}"
        )
    officer, _ = signed_in("privacy-officer", facility="")
    page = officer.get("/reports").text
    assert [f"lý do {number}" in page for number in range(5)] == [True, True, True, False, False], "the oldest first"
    assert "Còn 2 phản ánh nữa" in page
    assert '<b class="num">5</b> phản ánh' in officer.get("/").text


def test_the_log_speaks_and_does_not_spell_tags(signed_in):
    admin, _ = signed_in("system-administrator", facility="")
    for lang, words in (("vi", "giao vai trò"), ("en", "gave a role")):
        page = admin.get(f"/trail?lang={lang}").text
        assert words in page.partition("<tbody>")[2]
        assert not re.findall(r">[^<]*\b[a-z]+:[a-z]+:[a-z-]+\b", page), "raw tags"
    assert 'value="accounts:sign:in" selected' in admin.get("/trail?tag=accounts:sign:in").text


def test_a_facility_administrator_reaches_no_other_facility(signed_in, province):
    browser, _ = signed_in("facility-administrator")
    _, there = signed_in("doctor", facility=THERE, name="bs.noikhac")
    assert "bs.noikhac" not in browser.get("/admin/accounts").text
    assert browser.get(f"/admin/accounts/{there}").status_code == 404
    assert browser.post(f"/admin/accounts/{there}/disable", {"reason": "không thích"}).status_code in {403, 404}
    assert there in {row[0] for row in province.execute("SELECT id FROM accounts_user WHERE is_active").fetchall()}


def test_a_clients_secret_is_shown_once(signed_in):
    browser, _ = signed_in("system-administrator", facility="")
    made = browser.post("/admin/clients/add", {"facility": HERE})
    secret = made.text.split('id="code">')[1].split("<")[0]
    assert secret not in browser.get("/admin/clients").text
    assert browser.post("/admin/clients/add", {"facility": "../../x"}).status_code == 400
    assert browser.post("/admin/clients/reset", {"facility": HERE}).text.split('id="code">')[1].split("<")[0] != secret
    assert browser.post("/admin/clients/disable", {"facility": HERE}).status_code == 302
    assert "đã khóa" in browser.get("/admin/clients").text
    officer, _ = signed_in("privacy-officer", facility="")
    assert officer.post("/admin/clients/reset", {"facility": HERE}).status_code == 403


def test_a_review_is_decided_and_signed(signed_in, province):
    browser, mine = signed_in("facility-administrator")
    _, doctor = signed_in("doctor")
    accounts.open_review(province, by=OPERATOR, facility=HERE)
    (review,) = province.execute("SELECT id FROM accounts_review").fetchone()
    held = dict(province.execute("SELECT account, id FROM accounts_assignment").fetchall())
    page = browser.get(f"/admin/review/{review}").text
    assert f"decision-{held[doctor]}" in page
    assert f"decision-{held[mine]}" not in page, "nobody reviews the own roles"
    assert browser.post(f"/admin/review/{review}/sign", {"name": "Người ký"}).status_code == 409, "not before every role has a decision"
    assert browser.post(f"/admin/review/{review}/decide", {f"decision-{held[doctor]}": "end"}).status_code == 302
    assert browser.post(f"/admin/review/{review}/decide", {f"decision-{held[mine]}": "keep"}).status_code == 403
    officer, _ = signed_in("privacy-officer", facility="")
    assert officer.post(f"/admin/review/{review}/decide", {f"decision-{held[mine]}": "keep"}).status_code == 302
    assert browser.post(f"/admin/review/{review}/sign", {"name": "Người ký"}).status_code == 302
    assert province.execute("SELECT ends IS NOT NULL FROM accounts_assignment WHERE id = %s", (held[doctor],)).fetchone() == (True,)


def test_the_log_is_searched_and_its_export_is_an_act(signed_in, province):
    doctor, account = signed_in("doctor")
    related(province, account)
    doctor.get(f"/record/{PERSON}")
    audit.note(province, by=OPERATOR, tag=audit.Tag.PERSON_READ, about_type="Person", about_id=PERSON, person_id=WHO, reason="=cmd|' /C calc'!A0")
    officer, officer_id = signed_in("privacy-officer", facility="")
    found = officer.get(f"/trail?person={PERSON}&account={account}").text
    assert ">xem hồ sơ<" in found.partition("<tbody>")[2]
    assert "xem thông tin hành chính" not in found.partition("<tbody>")[2]
    assert officer.get("/trail?since=hôm-qua").status_code == 400
    assert officer.get("/trail?person=1%27%20OR%201=1").status_code == 400
    exported = officer.get(f"/trail/export?person={PERSON}")
    assert exported["Content-Type"] == "text/csv; charset=utf-8"
    assert "'=cmd" in exported.content.decode()
    assert rows(province, audit.Tag.STORE_EXPORT)[-1][0] == f"user:{officer_id}"
    admin, _ = signed_in("system-administrator", facility="")
    assert ">xem hồ sơ<" not in admin.get(f"/trail?log=record_access&person={PERSON}").text.partition("<tbody>")[2], "doors, not records"


def test_every_form_needs_its_token(signed_in, province):
    _, account = signed_in("system-administrator", facility="")
    strict = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    strict.cookies = _browser(province, account, proven=True).cookies
    for path in ("/admin/clients/add", "/admin/accounts/add", f"/admin/accounts/{account}/reset", "/reports", "/accounts/logout/"):
        assert strict.post(path, {"facility": HERE}).status_code == 403, path
    token = strict.get("/admin/clients").text.split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert strict.post("/admin/clients/add", {"facility": HERE, "csrfmiddlewaretoken": token}).status_code == 200


def test_pages_are_not_kept_framed_or_fed_from_elsewhere(signed_in):
    browser, _ = signed_in("doctor")
    answer = browser.get("/")
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert browser.delete("/").status_code == 405
    assert browser.post(f"/record/{PERSON}").status_code == 405
    style = answer.text.split('stylesheet" href="/asset/')[1].split('"')[0]
    assert "immutable" in browser.get(f"/asset/{style}")["Cache-Control"]
    assert browser.get("/asset/../urls.py").status_code == 404


def test_english_is_a_choice_that_stays(signed_in):
    browser, _ = signed_in("doctor")
    assert "Open a health record" in browser.get("/home?lang=en").text
    assert "Open a health record" in browser.get("/home").text
    assert "Mở hồ sơ sức khỏe" in browser.get("/home?lang=vi").text
    fresh, _ = signed_in("doctor")
    assert '<html lang="vi">' in fresh.get("/", headers={"accept-language": "en-US"}).text, "an English Windows is no English reader"


def test_a_number_leads_to_an_address_that_says_nothing(signed_in, province):
    browser, account = signed_in("doctor")
    for number in ("011159001234", "0111 5900 1234", "1112345678", "GD4111112345678"):
        assert browser.post("/search", {"number": number})["Location"] == f"/record/{PERSON}", number
    wrong = browser.post("/search", {"number": "999"})
    assert wrong.status_code == 404
    assert "Không thấy ai" in wrong.text
    assert len(rows(province, audit.Tag.PERSON_FIND)) == 6, "each number once; the last by number, then by anything"
    assert "011159001234" not in str(province.execute("SELECT a::text FROM audit_event a").fetchall()), "the trail names people by id"
    officer, _ = signed_in("privacy-officer", facility="")
    assert officer.post("/search", {"number": "011159001234"})["Location"] == f"/trail?person={PERSON}"
    related(province, account)
    assert browser.get(f"/record/{PERSON}").status_code == 200


def test_a_demonstration_says_so_on_every_page(signed_in, tmp_path):
    browser, _ = signed_in("privacy-officer", facility="")
    assert "Dữ liệu giả lập" not in browser.get("/").text
    (tmp_path / "demo.marker").touch()
    with settings.VAR.set_to(tmp_path):
        for path in ("/", "/trail", "/admin/accounts", "/admin/accounts/add", f"/record/{PERSON}"):
            assert "Dữ liệu giả lập" in browser.get(path).text, path


def test_a_commune_opens_its_residents_to_the_station_and_to_no_other(signed_in, province):
    home, elsewhere = (one.code for one in directory.communes_of("11", clock.today())[:2])
    tie = access.Relation(WHO, access.UnitKind.AREA, home, access.RelationKind.RESIDENCE, clock.now(), None, "Patient", PERSON, uuid4())
    access.relate_many(province, by=OPERATOR, relations=[tie])
    here, _ = signed_in("station-nurse", area=home)
    page = here.get(f"/record/{PERSON}")
    assert page.status_code == 200
    assert "cư trú tại địa bàn phụ trách (Nhân viên y tế trạm)" in page.text
    there, _ = signed_in("station-nurse", area=elsewhere, name="tram.khac")
    assert there.get(f"/record/{PERSON}").status_code == 403
