"""Rotation of the sealing key over real originals: everything still opens, the old key can go, what was destroyed stays destroyed."""

import os
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model

from tests.ingest.builder import file_of, tables
from yba import audit, ingest, operations
from yba.accounts.signin.secret import factor_plain, factor_secret
from yba.ingest.landing.sealing import BrokenSealError
from yba.kit import Actor, clock, keys
from yba.kit.db import reading, unit_of_work
from yba.kit.errors import Conflict, Forbidden
from yba.kit.keys import Purpose

OPERATOR = Actor.operator()


@pytest.fixture
def originals(database, var):
    """Three files that arrived, in a data folder of their own: transaction and bytes."""
    files = [file_of(tables(link=f"L{number}")) for number in range(3)]
    return {ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=data, filename="a.xml", sender="x").transaction: data for data in files}


def opened(transaction):
    return ingest.original(by=OPERATOR, transaction=transaction, reason="kiểm tra")


def wrapped():
    with reading(by=OPERATOR) as conn:
        return [row[0] for row in conn.execute("SELECT key FROM segment ORDER BY message, ordinal")]


def test_originals_open_through_rotation_rewrapping_and_retirement(originals):
    before = wrapped()
    assert {len(key) for key in before} == {60}
    operations.rotate_key(by=OPERATOR, purpose=Purpose.SEALING)
    late = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=file_of(tables(link="late")), filename="b.xml", sender="x").transaction
    assert {transaction: opened(transaction) for transaction in originals} == originals
    counted = ingest.key_versions(by=OPERATOR)
    assert counted[1] == len(before)
    with pytest.raises(Conflict, match="still opens"):
        operations.retire_key(by=OPERATOR, purpose=Purpose.SEALING, version=1)
    steps = []
    assert ingest.rewrap(by=OPERATOR, batch=2, progress=steps.append) == len(before) == sum(steps)
    assert ingest.rewrap(by=OPERATOR) == 0
    assert set(ingest.key_versions(by=OPERATOR)) == {2}
    with pytest.raises(Conflict, match="younger"):
        operations.retire_key(by=OPERATOR, purpose=Purpose.SEALING, version=1)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        operations.retire_key(by=OPERATOR, purpose=Purpose.SEALING, version=1)
    assert {transaction: opened(transaction) for transaction in originals} == originals
    assert opened(late)
    assert operations.check_keys(by=OPERATOR) == []


def test_a_destroyed_key_is_not_brought_back_and_a_stopped_run_goes_on(originals):
    first = next(iter(originals))
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("UPDATE segment SET key = NULL WHERE message = (SELECT min(message) FROM segment)")
    operations.rotate_key(by=OPERATOR, purpose=Purpose.SEALING)

    class PowerCutError(Exception):
        pass

    def cut(count):
        raise PowerCutError

    with pytest.raises(PowerCutError):
        ingest.rewrap(by=OPERATOR, batch=1, progress=cut)
    assert ingest.key_versions(by=OPERATOR)[2] == 1
    left = ingest.key_versions(by=OPERATOR)[1]
    assert ingest.rewrap(by=OPERATOR, batch=1) == left
    assert None in wrapped()
    with pytest.raises(BrokenSealError):
        opened(first)
    assert [opened(transaction) for transaction in list(originals)[1:]] == list(originals.values())[1:]


def test_a_key_that_no_version_opens_is_left_as_it_is_and_told(originals):
    alien = os.urandom(60)
    with unit_of_work(by=OPERATOR) as conn:
        conn.execute("UPDATE segment SET key = %s WHERE message = (SELECT max(message) FROM segment)", (alien,))
    operations.rotate_key(by=OPERATOR, purpose=Purpose.SEALING)
    with pytest.raises(BrokenSealError):
        ingest.rewrap(by=OPERATOR, batch=1)
    assert alien in wrapped()


def test_secrets_of_second_factors_are_sealed_anew(originals):
    user = get_user_model().objects.create(username="an", display_name="Nguyễn An")
    with unit_of_work(by=OPERATOR) as conn:
        for kind, name in (("totp", "secret"), ("recovery_codes", "seed")):
            values = (user.pk, kind, name, factor_secret(f"of {kind}"), clock.now())
            conn.execute(
                "INSERT INTO mfa_authenticator (user_id, type, data, created_at) VALUES (%s, %s, jsonb_build_object(%s::text, %s::text), %s)", values
            )
    operations.rotate_key(by=OPERATOR, purpose=Purpose.SECRETS)
    assert operations.rewrap_keys(by=OPERATOR) == (0, 2)
    assert operations.rewrap_keys(by=OPERATOR) == (0, 0)
    with reading(by=OPERATOR) as conn:
        kept = [row[0] for row in conn.execute("SELECT coalesce(data->>'secret', data->>'seed') FROM mfa_authenticator ORDER BY type DESC")]
    assert [keys.text_version(one) for one in kept] == [2, 2]
    assert [factor_plain(one) for one in kept] == ["of totp", "of recovery_codes"]


def test_the_keys_are_for_who_may_and_every_act_is_in_the_security_log(originals):
    for act in (
        lambda by: operations.rotate_key(by=by, purpose=Purpose.SEALING),
        lambda by: operations.ring_lines(by=by),
        lambda by: operations.rewrap_keys(by=by),
        lambda by: operations.check_keys(by=by),
    ):
        with pytest.raises(Forbidden):
            act(Actor.facility_client("01013"))
    operations.rotate_key(by=OPERATOR, purpose=Purpose.SEALING)
    operations.rewrap_keys(by=OPERATOR)
    assert audit.Tag.KEY_MANAGE.value == "operations:key:manage"
    with reading(by=OPERATOR) as conn:
        noted = [row[0] for row in conn.execute("SELECT detail->>'act' FROM security_seen WHERE tag = 'operations:key:manage' ORDER BY id")]
    assert noted == ["rotate", "rewrap"]


def test_check_tells_what_others_can_read_and_what_is_missing(originals, var):
    assert operations.check_keys(by=OPERATOR) == []
    path = var / "keys" / "ring" / "sealing-0001.json"
    path.chmod(0o644)
    assert len(operations.check_keys(by=OPERATOR)) == 1
    path.rename(var / "elsewhere")
    assert any("sealing-1: không còn" in fault for fault in operations.check_keys(by=OPERATOR))
