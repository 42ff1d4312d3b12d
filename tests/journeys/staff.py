"""People of a made-up province for journeys: accounts with a password and, where a role needs it, the key of an authenticator app."""

import re
from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from tests.accounts.conftest import code_of
from yba import access, accounts, directory, record
from yba.accounts import store_people
from yba.kit import Actor, clock, new_id
from yba.kit.db import unit_of_work
from yba.operations.bench_record import puts
from yba.operations.sample_record import PERSON, sample_record

PASSWORD = "con trâu xanh đi cày ruộng"
HERE, THERE = "11001", "11002"
WHO = UUID(PERSON)
NAMES = {HERE: "Trạm Y tế Mường Thanh", THERE: "Bệnh viện Đa khoa tỉnh"}


def province(resources=200):
    """A resident with a record, two facilities whose network is this machine."""
    by = Actor.operator()
    with unit_of_work(by=by) as conn:
        record.put_many(conn, by=by, puts=puts(sample_record(resources, last=clock.today()), UUID(int=1)))
        directory.ensure_many(conn, by=by, seen_at=clock.now(), facilities=[HERE, THERE])
        for code, name in NAMES.items():
            directory.complete_facility(conn, by=by, code=code, name=name)
        for place in (HERE, THERE, ""):
            accounts.set_networks(conn, by=by, facility=place, networks=["127.0.0.0/8"])


def employ(username, name, role, *, facility=THERE, person=None, treats=False, area=""):
    """Open an account with the password above; ``treats``: the resident is on a visit with this person now."""
    by = Actor.operator()
    kind = "citizen" if role in {"citizen", "guardian"} else "staff"
    account = new_id()
    row = {"id": account, "username": username, "kind": kind, "display_name": name, "phone": "", "email": "", "demo": False, "by": by.name}
    with unit_of_work(by=by) as conn:
        store_people.insert_account(conn, row | {"person_id": person if role == "citizen" else None, "at": clock.now()})
        post = accounts.Post(role, facility="" if kind == "citizen" else facility, area=area, person_id=person)
        accounts.assign(conn, by=by, account=account, post=post, reason="QĐ 12/2026", starts=clock.now() - timedelta(days=1))
        encoded = make_password(PASSWORD)
        store_people.set_password(conn, account, encoded=encoded)
        store_people.keep_password(conn, account, encoded=encoded, at=clock.now(), long=True, keep=1)
        if treats:
            visit = access.Relation(
                WHO, access.UnitKind.FACILITY, facility, access.RelationKind.VISIT, clock.now(), None, "Encounter", "now", new_id()
            )
            access.relate_many(conn, by=by, relations=[visit])
    return account


def sign_in(page, base, username):
    """Sign in as people do; a role that needs an app sets it up on the way."""
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page).not_to_have_url(re.compile("/accounts/login"))
    if "/second-factor/app" in page.url or "/reauthenticate" in page.url:
        set_up_app(page)
    page.goto(base)


def set_up_app(page):
    """Set up an authenticator app with the key the page shows, after the password once more where it is asked for."""
    if page.locator("input[name=password]").count():
        page.fill("input[name=password]", PASSWORD)
        page.keyboard.press("Enter")
    page.fill("input[name=code]", code_of(page.locator("#totp_secret").inner_text()))
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_role("heading", name="Mã dự phòng")).to_be_visible()
