"""Who holds what, without a database: grants, purposes, places, declarations."""

import functools
from uuid import UUID

import pytest

from yba import access
from yba.access import Denied, Right, Row, declared, holds, needs, open_to_all, permits, purpose_for, require
from yba.kit import PROVINCE, Actor, Forbidden, Grant

ACCOUNT, AN, BINH = UUID(int=7), UUID(int=0xA), UUID(int=0xB)


def user(*grants, purpose="treatment", persons=()):
    return Actor.user(ACCOUNT, grants, purpose=purpose, persons=persons)


def grant(role, *facilities, **more):
    return Grant(role, frozenset(facilities), **more)


DOCTOR = user(grant("doctor", "01003"))


def test_nobody_holds_anything_without_a_grant():
    assert not [right for right in Right if holds(user(), right)]
    assert not [right for right in Right if holds(user(grant("no-such-role", "01003")), right)]


def test_a_right_is_held_only_for_its_purpose():
    assert holds(DOCTOR, Right.RECORD_CLINICAL_READ)
    assert not holds(DOCTOR.for_purpose("research"), Right.RECORD_CLINICAL_READ)
    assert not holds(DOCTOR.for_purpose(""), Right.RECORD_CLINICAL_READ)


def test_the_edge_finds_the_purpose_of_another_role():
    both = user(grant("doctor", "01003"), grant("facility-administrator", "01003"))
    assert not holds(both, Right.ACCOUNTS_ACCOUNT_ADD)
    suited = purpose_for(both, Right.ACCOUNTS_ACCOUNT_ADD)
    assert suited.purpose == "administration"
    assert holds(suited, Right.ACCOUNTS_ACCOUNT_ADD)
    assert purpose_for(DOCTOR, Right.ACCOUNTS_ACCOUNT_ADD) == DOCTOR


def test_an_act_is_refused_elsewhere_and_the_refusal_names_the_right():
    admin = user(grant("facility-administrator", "01003"), purpose="administration")
    require(admin, Right.ACCOUNTS_ACCOUNT_ADD, facility="01003")
    with pytest.raises(Denied) as told:
        require(admin, Right.ACCOUNTS_ACCOUNT_ADD, facility="79001")
    assert told.value.right is Right.ACCOUNTS_ACCOUNT_ADD
    assert "accounts:account:add" in str(told.value)
    assert isinstance(told.value, Forbidden)


def test_two_facilities_with_opposite_rights_do_not_mix():
    both = user(grant("facility-administrator", "01003"), grant("record-clerk", "79001"), purpose="administration")
    require(both, Right.IDENTITY_REVIEW_SETTLE, facility="79001")
    for right, place in ((Right.IDENTITY_REVIEW_SETTLE, "01003"), (Right.ACCOUNTS_ACCOUNT_ADD, "79001")):
        with pytest.raises(Denied):
            require(both, right, facility=place)
    assert permits(both, Right.IDENTITY_REVIEW_READ, Row(facility="79001", rtype="Patient"))
    assert not permits(both, Right.IDENTITY_REVIEW_READ, Row(facility="01003", rtype="Patient"))


def test_a_ward_is_seen_as_a_ward_and_oneself_as_oneself():
    parent = Actor.user(ACCOUNT, [Grant("citizen", persons=frozenset({AN})), Grant("guardian", persons=frozenset({BINH}))], purpose="own-record")
    own, ward = Row(AN, labels=frozenset({"hiv"}), rtype="Observation"), Row(BINH, labels=frozenset({"hiv"}), rtype="Condition")
    assert permits(parent, Right.RECORD_CLINICAL_READ, own)
    assert not permits(parent, Right.RECORD_CLINICAL_READ, ward)
    assert access.masks(parent, Right.RECORD_CLINICAL_READ, ward)
    with pytest.raises(Denied):
        require(parent, Right.RECORD_CLINICAL_EXPORT, person=BINH)


def test_the_operator_bound_to_a_role_never_has_more_than_his_own():
    bound = Actor.operator().acting_as(Grant("citizen", persons=frozenset({AN})), purpose="own-record")
    assert bound.name == Actor.operator().name
    assert permits(bound, Right.RECORD_CLINICAL_READ, Row(AN, rtype="Condition"))
    assert not permits(bound, Right.RECORD_CLINICAL_READ, Row(BINH, rtype="Condition"))
    assert not permits(bound, Right.RECORD_CLINICAL_READ, Row(AN, labels=frozenset({"hiv"}), rtype="Condition"))
    assert not holds(bound, Right.AUDIT_LOOKS_REPORT)  # the operator has not got it himself


def test_machines_hold_what_their_work_needs_and_no_more():
    assert holds(Actor.system("work", "claims-intake"), Right.INGEST_MESSAGE_PROCESS)
    assert not holds(Actor.system("work"), Right.RECORD_CLINICAL_READ)
    assert not holds(Actor.facility_client("01003"), Right.IDENTITY_PERSON_MERGE)
    with pytest.raises(Denied):
        require(Actor.facility_client("01003"), Right.INGEST_RECEIPT_READ, facility="79001")


def test_the_whole_province_is_an_area():
    officer = user(Grant("epidemiologist", areas=frozenset({PROVINCE})), purpose="public-health")
    require(officer, Right.RECORD_CLINICAL_READ, area="00004")
    assert not permits(officer, Right.RECORD_CLINICAL_READ, Row(AN, rtype="MedicationRequest"))


def test_what_is_declared_is_read_back_and_what_is_not_is_none():
    @needs(Right.RECORD_CLINICAL_READ, Right.RECORD_CLINICAL_PRINT)
    def view():
        pass

    @functools.wraps(view)
    def wrapped():
        pass

    assert declared(wrapped).rights == (Right.RECORD_CLINICAL_READ, Right.RECORD_CLINICAL_PRINT)
    assert declared(view).admits(DOCTOR)
    with pytest.raises(Denied):
        declared(view).check(user(grant("dispatcher"), purpose="emergency"))
    assert declared(open_to_all("sign-in")(lambda: None)).reason == "sign-in"
    assert declared(lambda: None) is None
    with pytest.raises(ValueError, match="reason"):
        open_to_all(" ")
