"""The clock of the server is set back (or a backup's clock is wrong): nothing that had ended opens again by that, nor does a lock."""

from datetime import timedelta
from uuid import UUID

import pytest

from tests.accounts.conftest import FACILITY, OTHER, browse, first_sign_in, inside, is_in, joined, places, sign_in  # noqa: F401  fixtures
from tests.accounts.test_sign_in import guess
from tests.attacks.conftest import AN, asked, doctor
from yba import access, accounts
from yba.access import Right
from yba.accounts import jobs
from yba.kit import Actor, Grant, clock
from yba.kit.db import reading, unit_of_work

HOURS = timedelta(hours=1)


def administrator(facility):
    return Actor.user(UUID(int=70), [Grant("facility-administrator", frozenset({facility}))], purpose="administration")


def test_a_leaver_stays_out(joined, inside, browse, operator):  # noqa: F811
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    with unit_of_work(by=operator) as conn:
        accounts.leave(conn, by=operator, account=made.account, reason="nghỉ việc")
    with clock.frozen(clock.now() - 2 * HOURS):
        assert not is_in(browser)
        assert sign_in(browse(), "bs.mai").status_code == 200


@pytest.mark.parametrize("planned", [False, True], ids=["ended by hand", "ended by its date, and the minute after"])
def test_a_role_that_ended_stays_ended(joined, operator, planned):  # noqa: F811
    made, now, system = joined("bs.mai"), clock.now(), Actor.system("accounts")
    post, ends = accounts.Post("doctor", facility=OTHER), now + 24 * HOURS if planned else None
    with unit_of_work(by=operator) as conn:
        second = accounts.assign(conn, by=operator, account=made.account, post=post, reason="hỗ trợ", ends=ends)
    with clock.frozen(now + 48 * HOURS):
        if planned:
            jobs.close_outrun(by=system)
        else:
            with unit_of_work(by=operator) as conn:
                accounts.end_assignment(conn, by=operator, assignment=second.id, reason="hết hỗ trợ")
    for moment in (now + 49 * HOURS, now + HOURS):
        with clock.frozen(moment), reading(by=operator) as conn:
            assert accounts.actor_of(conn, by=operator, account=made.account, purpose="treatment").facilities == {FACILITY}
            assert [one.post.facility for one in accounts.assignments_of(conn, by=operator, account=made.account)] == [FACILITY]
            assert made.account not in {one.id for one in accounts.accounts(conn, by=administrator(OTHER))}


def test_a_role_that_ends_tomorrow_counts_today(joined, operator):  # noqa: F811
    made, now = joined("bs.mai"), clock.now()
    with unit_of_work(by=operator) as conn:
        held = accounts.assignments_of(conn, by=operator, account=made.account)
        accounts.end_assignment(conn, by=operator, assignment=held[0].id, reason="nghỉ việc", at=now + 24 * HOURS)
    for hours, counts in ((1, True), (25, False)):
        with clock.frozen(now + hours * HOURS), reading(by=operator) as conn:
            assert bool(accounts.actor_of(conn, by=operator, account=made.account, purpose="treatment").grants) is counts


def test_a_locked_pair_stays_locked(joined, inside, browse, operator):  # noqa: F811
    first_sign_in(browse("10.20.0.9"), joined("bs.mai"))
    guess("bs.mai", "113.160.4.4", 10, operator)
    with clock.frozen(clock.now() - 2 * HOURS):
        assert "quá nhiều lần" in sign_in(browse("113.160.4.4"), "bs.mai").content.decode()


def test_a_used_one_time_code_stays_used(joined, inside, browse):  # noqa: F811
    made = joined("bs.mai")
    assert first_sign_in(browse(), made).status_code == 302
    with clock.frozen(clock.now() - 2 * HOURS):
        assert first_sign_in(browse(), made).status_code == 200


def test_a_session_that_was_ended_for_its_age_stays_ended(joined, inside, browse):  # noqa: F811
    browser, now = browse(), clock.now()
    first_sign_in(browser, joined("bs.mai"))
    with clock.frozen(now + 13 * HOURS):
        assert not is_in(browser)
    with clock.frozen(now + HOURS / 6):
        assert not is_in(browser)


def test_an_emergency_opens_nothing_before_it_was_opened(hospitals):
    """A relation counts from its beginning: a moment before it, nothing is in reach, so that set back clocks lend no time."""
    by = doctor("99999", 5)
    with unit_of_work(by=by) as conn:
        made = access.break_glass(conn, by=by, person_id=AN, ground="life", reason="Hôn mê, cần biết dị ứng", facility="99999")
    reach = lambda: asked(by, lambda conn: access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=AN))  # noqa: E731
    assert reach()
    with clock.frozen(made.opened_at - HOURS):
        assert not reach()
    with clock.frozen(made.ends_at + HOURS):
        assert not reach()
    assert isinstance(made.id, UUID)
