"""Joiners, movers, leavers: who may give what to whom, and what somebody is at any moment."""

from datetime import timedelta

import pytest

from tests.accounts.conftest import FACILITY, OTHER, first_sign_in, is_in, sign_in, users
from yba import access, accounts, audit, directory
from yba.accounts import Post
from yba.accounts.jobs import nightly
from yba.kit import Actor, Conflict, Forbidden, Invalid, NotFound, clock, new_id
from yba.kit.actor import Grant
from yba.kit.db import reading, unit_of_work


def actor(account, by, **more):
    with reading(by=by) as conn:
        return accounts.actor_of(conn, by=by, account=account, purpose=more.pop("purpose", "treatment"), **more)


def administrator(*facilities, account=None):
    grant = Grant("facility-administrator", frozenset(facilities)) if facilities else Grant("system-administrator")
    return Actor.user(account or new_id(), [grant], purpose="administration")


def tags(operator, about):
    with reading(by=operator) as conn:
        return [row.tag for row in audit.trail(conn, by=operator, about=str(about))][::-1]


def test_a_user_with_two_facilities_holds_each_role_where_it_was_given(joined, operator):
    made = joined("bs.mai", licence="000123/HNO-CCHN", department="K01")
    with unit_of_work(by=operator) as conn:
        accounts.assign(conn, by=operator, account=made.account, post=Post("record-clerk", facility=OTHER), reason="kiêm nhiệm")
    both = actor(made.account, operator)
    assert {(grant.role, *grant.facilities) for grant in both.grants} == {("doctor", FACILITY), ("record-clerk", OTHER)}
    assert next(grant for grant in both.grants if grant.role == "doctor").departments == {f"{FACILITY}/K01"}
    assert both.facilities == {FACILITY, OTHER}
    with reading(by=operator) as conn:
        first = accounts.assignments_of(conn, by=operator, account=made.account)[-1]
        only = accounts.actor_of(conn, by=operator, account=made.account, purpose="treatment", assignment=first.id)
    assert len(only.grants) == 1


def test_a_mover_ends_the_old_post_and_begins_the_new_at_one_moment(joined, operator):
    made = joined("bs.mai")
    with unit_of_work(by=operator) as conn:
        new = accounts.move(conn, by=operator, account=made.account, post=Post("doctor", facility=OTHER), reason="chuyển công tác")
        _, held = accounts.account(conn, by=operator, account=made.account)
    assert [(one.post.facility, one.ends) for one in held if one.ends is None] == [(OTHER, None)]
    ended = next(one for one in held if one.ends is not None)
    assert ended.ends <= new.starts
    assert ended.end_reason == "chuyển công tác"
    assert actor(made.account, operator).facilities == {OTHER}
    assert tags(operator, made.account) == [
        "accounts:account:add", "accounts:account:assign", "accounts:account:end", "accounts:account:assign", "accounts:account:read",
    ]  # fmt: skip


@pytest.mark.law("ANM-R09")
def test_a_leaver_has_no_role_no_session_and_no_way_in(joined, inside, operator, browse):
    made = joined("bs.mai")
    browser = browse()
    first_sign_in(browser, made)
    assert is_in(browser)
    with unit_of_work(by=operator) as conn:
        accounts.leave(conn, by=operator, account=made.account, reason="nghỉ việc")
    assert not is_in(browser), "the open session is over"
    with pytest.raises(NotFound), reading(by=operator) as conn:
        accounts.actor_of(conn, by=operator, account=made.account, purpose="treatment")
    assert sign_in(browse(), "bs.mai").status_code == 200, "the form again"
    with unit_of_work(by=operator) as conn:
        back = accounts.reset_credentials(conn, by=operator, account=made.account, reason="trở lại làm việc")
    assert actor(made.account, operator).grants == (), "roles are given anew"
    again = browse()
    first_sign_in(again, back, "một câu hoàn toàn khác hẳn")
    assert is_in(again)


def test_an_assignment_is_closed_never_deleted(joined, database, operator):
    made = joined("bs.mai")
    with database.connect() as conn, pytest.raises(Exception, match="permission denied"):
        conn.execute("DELETE FROM accounts_assignment WHERE account = %s", (made.account,))


def test_an_assignment_counts_from_its_beginning_to_its_end(joined, operator):
    made = joined("bs.mai")
    later, end = clock.now() + timedelta(days=3), clock.now() + timedelta(days=9)
    with unit_of_work(by=operator) as conn:
        accounts.assign(conn, by=operator, account=made.account, post=Post("doctor", facility=OTHER), reason="hỗ trợ", starts=later, ends=end)
    assert actor(made.account, operator).facilities == {FACILITY}
    with clock.frozen(later + timedelta(hours=1)):
        assert actor(made.account, operator).facilities == {FACILITY, OTHER}
    with clock.frozen(end):
        assert actor(made.account, operator).facilities == {FACILITY}


def test_a_facility_that_closes_takes_its_grants_along_at_once_and_in_the_books_by_night(joined, operator):
    made = joined("bs.mai")
    last = clock.today() - timedelta(days=1)
    with unit_of_work(by=operator) as conn:
        directory.end_facility(conn, by=operator, code=FACILITY, valid_to=last)
    assert actor(made.account, operator).grants == ()
    system = Actor.system("accounts")
    with unit_of_work(by=system) as conn:
        ended = accounts.end_at_closed_facilities(conn, by=system)
        again = accounts.end_at_closed_facilities(conn, by=system)
    assert [one.end_reason for one in ended] == ["cơ sở ngừng hoạt động"]
    assert again == []
    with pytest.raises(Invalid), unit_of_work(by=operator) as conn:
        accounts.assign(conn, by=operator, account=made.account, post=Post("doctor", facility=FACILITY), reason="x")


def test_a_licence_that_ends_takes_its_posts_along(joined, operator):
    made, other = joined("bs.mai", licence="000123/HNO-CCHN"), joined("bs.hai", licence="000999/HNO-CCHN", name="Trần Văn Hai")
    with unit_of_work(by=operator) as conn:
        accounts.end_licence(conn, by=operator, licence="000123/HNO-CCHN", last_day=clock.today(), reason="thu hồi giấy phép")
    assert len(actor(made.account, operator).grants) == 1, "the last day counts"
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert actor(made.account, operator).grants == ()
        assert len(actor(other.account, operator).grants) == 1


@pytest.mark.parametrize(
    ("post", "said"),
    [
        (Post("no-such-role", facility=FACILITY), "not a role"),
        (Post("operator"), "not a role"),
        (Post("doctor"), "facility"),
        (Post("doctor", facility="99999"), "not a facility"),
        (Post("station-nurse", facility=FACILITY), "commune"),
        (Post("station-nurse", facility=FACILITY, area="1"), "not a commune"),
        (Post("citizen"), "own or a ward"),
        (Post("record-clerk", department="K01"), "facility"),
    ],
)
def test_a_post_that_makes_no_sense_is_refused(places, operator, post, said):
    with pytest.raises(Invalid, match=said), unit_of_work(by=operator) as conn:
        accounts.join(conn, by=operator, username="bs.mai", display_name="Lê Thị Mai", post=post, reason="x")
    assert users().count() == 0


def test_a_name_is_taken_once_in_any_case(joined):
    joined("bs.mai")
    with pytest.raises(Conflict):
        joined("BS.Mai")
    with pytest.raises(Invalid):
        joined("bs mai")


def test_a_facility_administrator_manages_that_facility_and_nobody_higher(joined, operator):
    here, there = joined("bs.mai"), joined("bs.hai", facility=OTHER, name="Trần Văn Hai")
    boss = joined("qt.ba", "facility-administrator", name="Phạm Thị Ba")
    by = administrator(FACILITY)
    with unit_of_work(by=by) as conn:
        assert {one.username for one in accounts.accounts(conn, by=by)} == {"bs.mai", "qt.ba"}
        accounts.assign(conn, by=by, account=here.account, post=Post("record-clerk", facility=FACILITY), reason="kiêm nhiệm")
    forbidden = [
        lambda conn: accounts.assign(conn, by=by, account=here.account, post=Post("doctor", facility=OTHER), reason="x"),
        lambda conn: accounts.assign(conn, by=by, account=here.account, post=Post("facility-administrator", facility=FACILITY), reason="x"),
        lambda conn: accounts.assign(conn, by=by, account=here.account, post=Post("system-administrator"), reason="x"),
        lambda conn: accounts.reset_credentials(conn, by=by, account=there.account, reason="x"),
        lambda conn: accounts.reset_credentials(conn, by=by, account=boss.account, reason="x"),
        lambda conn: accounts.leave(conn, by=by, account=there.account, reason="x"),
        lambda conn: accounts.move(conn, by=by, account=there.account, post=Post("doctor", facility=FACILITY), reason="x"),
        lambda conn: accounts.set_networks(conn, by=by, facility=OTHER, networks=["0.0.0.0/8"]),
        lambda conn: accounts.set_networks(conn, by=by, facility="", networks=["10.0.0.0/8"]),
        lambda conn: accounts.disable_idle(conn, by=by),
    ]
    for act in forbidden:
        with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
            act(conn)
    with pytest.raises(NotFound), reading(by=by) as conn:
        accounts.account(conn, by=by, account=there.account)


def test_somebody_at_two_facilities_is_not_reset_by_one_of_them(joined, operator):
    made = joined("bs.mai")
    with unit_of_work(by=operator) as conn:
        accounts.assign(conn, by=operator, account=made.account, post=Post("doctor", facility=OTHER), reason="hai nơi")
    by = administrator(FACILITY)
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.reset_credentials(conn, by=by, account=made.account, reason="x")


def test_nobody_gives_a_role_to_oneself(joined):
    made = joined("qt.ba", "facility-administrator")
    by = administrator(account=made.account)
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.assign(conn, by=by, account=made.account, post=Post("doctor", facility=FACILITY), reason="x")


@pytest.mark.parametrize("role", ["doctor", "claims-auditor", "provincial-manager", "privacy-officer", "data-scientist", "citizen"])
def test_other_roles_open_no_accounts(places, role):
    by = Actor.user(new_id(), [Grant(role, frozenset({FACILITY}))], purpose="administration")
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.join(conn, by=by, username="x.y", display_name="X", post=Post("doctor", facility=FACILITY), reason="x")


def test_a_clinician_is_known_by_licence_and_place(joined, operator):
    made = joined("bs.mai", licence="000123/HNO-CCHN", department="K01")
    with unit_of_work(by=operator) as conn:
        before = accounts.practitioner_identities(conn, by=operator, account=made.account)
        directory.ensure_many(conn, by=operator, seen_at=clock.now(), practitioners=[("000123/HNO-CCHN", FACILITY)])
        after = accounts.practitioner_identities(conn, by=operator, account=made.account)
    assert [(one.licence, one.facility, one.department, one.known) for one in before] == [("000123/HNO-CCHN", FACILITY, "K01", False)]
    assert after[0].known


@pytest.mark.law("ANM-R09")
def test_idle_accounts_are_disabled_by_night_and_at_sign_in(joined, inside, operator, browse):
    made = joined("bs.mai")
    first_sign_in(browse(), made)
    system = Actor.system("accounts")
    with clock.frozen(clock.now() + timedelta(days=44)), unit_of_work(by=system) as conn:
        assert accounts.disable_idle(conn, by=system) == []
    with clock.frozen(clock.now() + timedelta(days=46)):
        assert sign_in(browse(), "bs.mai").status_code == 200, "refused, the night before it is disabled"
        assert users().get(username="bs.mai").is_active is False
        joined("bs.moi", name="Người Mới")
        with unit_of_work(by=system) as conn:
            assert accounts.disable_idle(conn, by=system) == []
    joined("bs.hai", name="Trần Văn Hai")
    with clock.frozen(clock.now() + timedelta(days=100)), unit_of_work(by=system) as conn:
        assert len(accounts.disable_idle(conn, by=system)) == 2, "also those nobody ever used"


@pytest.mark.law("ANM-R09")
def test_a_review_looks_at_every_role_and_is_signed_with_a_name(joined, operator):
    made = joined("bs.mai")
    joined("bs.hai", name="Trần Văn Hai")
    system, by = Actor.system("accounts"), administrator(FACILITY)
    with unit_of_work(by=system) as conn:
        assert accounts.open_due_reviews(conn, by=system) == 0, "half a year has not passed"
    with clock.frozen(clock.now() + timedelta(days=181)):
        with unit_of_work(by=system) as conn:
            assert accounts.open_due_reviews(conn, by=system) == 1
            assert accounts.open_due_reviews(conn, by=system) == 0
        with unit_of_work(by=by) as conn:
            review = accounts.access_reviews(conn, by=by)[0]
            ids = [(item.assignment.id, item.username) for item in review.items]
            with pytest.raises(Conflict, match="no decision"):
                accounts.sign_off_review(conn, by=by, review=review.id, name="Phạm Thị Ba")
        with unit_of_work(by=by) as conn:
            decisions = [(one, accounts.Decision.END if name == "bs.mai" else accounts.Decision.KEEP, "") for one, name in ids]
            accounts.decide(conn, by=by, review=review.id, decisions=decisions)
            with pytest.raises(Invalid):
                accounts.sign_off_review(conn, by=by, review=review.id, name=" ")
            signed = accounts.sign_off_review(conn, by=by, review=review.id, name="Phạm Thị Ba")
            assert (signed.signed_name, signed.signed_by) == ("Phạm Thị Ba", by.name)
            with pytest.raises(Conflict, match="signed"):
                accounts.decide(conn, by=by, review=review.id, decisions=decisions)
        assert actor(made.account, operator).grants == ()
    assert tags(operator, review.id) == ["accounts:review:open", "accounts:review:decide", "accounts:review:decide", "accounts:review:sign"]


def test_nobody_reviews_the_own_roles(joined, operator):
    made = joined("qt.ba", "facility-administrator")
    by = administrator(FACILITY, account=made.account)
    with unit_of_work(by=operator) as conn:
        accounts.open_review(conn, by=operator, facility=FACILITY)
        review = accounts.access_reviews(conn, by=operator)[0]
    with pytest.raises(Forbidden), unit_of_work(by=by) as conn:
        accounts.decide(conn, by=by, review=review.id, decisions=[(review.items[0].assignment.id, accounts.Decision.KEEP, "")])


def test_who_moves_during_a_visit_keeps_that_visit_until_it_ends_and_nothing_else_of_the_old_place(joined, operator):
    made, patient, other = joined("bs.mai"), new_id(), new_id()
    visit, start = new_id(), clock.now() - timedelta(days=40)

    def relation(person, kind, unit, source):
        return access.Relation(person, kind, unit, access.RelationKind.VISIT, start, None, "Encounter", "e", source)

    with unit_of_work(by=operator) as conn:
        related = [relation(patient, access.UnitKind.USER, str(made.account), visit), relation(other, access.UnitKind.FACILITY, FACILITY, new_id())]
        access.relate_many(conn, by=operator, relations=related)
    assert [reaches(made.account, operator, person) for person in (patient, other)] == [True, True]
    with unit_of_work(by=operator) as conn:
        accounts.move(conn, by=operator, account=made.account, post=Post("doctor", facility=OTHER), reason="chuyển giữa đợt điều trị")
    assert [reaches(made.account, operator, person) for person in (patient, other)] == [True, False]
    with unit_of_work(by=operator) as conn:
        access.end_relations(conn, by=operator, source_ids=[visit], at=clock.now() - timedelta(days=31))  # beyond the role's days
    assert reaches(made.account, operator, patient) is False


def reaches(account, operator, person):
    by = actor(account, operator)
    with reading(by=by) as conn:
        return access.reaches(conn, by=by, right=access.Right.RECORD_CLINICAL_READ, person_id=person)


def test_a_renewed_role_goes_on_and_a_mover_begins_anew(joined, operator):
    """What counts for the days after a visit is since when somebody has been there without a break."""
    made, now = joined("bs.mai"), clock.now()

    def since():
        return {next(iter(grant.facilities)): grant.since for grant in actor(made.account, operator).grants}

    began = since()[FACILITY]
    with clock.frozen(now + timedelta(days=180)), unit_of_work(by=operator) as conn:
        held = accounts.assignments_of(conn, by=operator, account=made.account)
        accounts.end_assignment(conn, by=operator, assignment=held[0].id, reason="hết hợp đồng")
        accounts.assign(conn, by=operator, account=made.account, post=held[0].post, reason="gia hạn")
        assert since() == {FACILITY: began}
    with clock.frozen(now + timedelta(days=200)), unit_of_work(by=operator) as conn:
        accounts.move(conn, by=operator, account=made.account, post=Post("doctor", facility=OTHER), reason="chuyển công tác")
        assert since() == {OTHER: clock.now()}
    with clock.frozen(now + timedelta(days=230)), unit_of_work(by=operator) as conn:
        accounts.move(conn, by=operator, account=made.account, post=Post("doctor", facility=FACILITY), reason="trở lại")
        assert since() == {FACILITY: clock.now()}, "a month away is a break"


def test_the_night_job_does_all_of_it_and_twice_is_once(joined, operator):
    made = joined("bs.mai")
    by = Actor.system("accounts:account:nightly")
    later = clock.now() + timedelta(days=200)
    with unit_of_work(by=operator) as conn:
        directory.end_facility(conn, by=operator, code=FACILITY, valid_to=clock.today())
    joined("bs.hai", facility=OTHER, name="Trần Văn Hai")
    with clock.frozen(later):
        for _ in range(2):
            nightly(by=by)
    assert not users().filter(is_active=True).exists()
    assert tags(operator, made.account).count("accounts:account:end") == 1
    assert tags(operator, made.account).count("accounts:account:disable") == 1
    with reading(by=operator) as conn:
        assert [one.facility for one in accounts.access_reviews(conn, by=operator)] == [OTHER]
