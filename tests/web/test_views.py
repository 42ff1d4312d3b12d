"""The pages over HTTP, signed in: who may open them, what is written down, what the headers promise."""

from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import get_resolver

from yba import access, accounts, directory, record
from yba.access import Right
from yba.kit import Actor, clock
from yba.operations.bench_record import puts
from yba.operations.sample_record import PERSON, sample_record
from yba.web import edge

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
