"""Secrets are kept only as slow hashes, whichever form a client sends."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from yba.accounts import secrets


def test_md5_of_either_case_and_plain_are_the_same_password():
    secret = secrets.new_secret()
    kept = secrets.keep(secret)
    md5 = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
    for presented in (secret, md5, md5.upper(), f" {md5} "):
        assert secrets.matches(presented, kept)
    assert not secrets.matches(secret + "x", kept)
    assert not secrets.matches(hashlib.md5(b"other", usedforsecurity=False).hexdigest(), kept)


def test_nothing_kept_gives_the_secret_or_its_md5_away():
    secret = secrets.new_secret()
    md5 = hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
    kept = secrets.keep(secret)
    assert secret not in kept
    assert md5 not in kept.lower()
    assert kept != secrets.keep(secret), "the salt is fresh each time"


def test_a_new_secret_is_never_taken_for_an_md5():
    assert all(
        secrets.as_md5(secret) == hashlib.md5(secret.encode(), usedforsecurity=False).hexdigest()
        for secret in (secrets.new_secret() for _ in range(50))
    )


@given(st.text(max_size=200))
def test_a_damaged_kept_value_matches_nothing_and_never_fails(kept):
    assert not secrets.matches("anything", kept)


def test_the_proof_belongs_to_one_token():
    assert secrets.password_proof("t1", "p") == secrets.password_proof("t1", hashlib.md5(b"p", usedforsecurity=False).hexdigest().upper())
    assert secrets.password_proof("t1", "p") != secrets.password_proof("t2", "p")


def test_the_stand_in_for_no_account_costs_the_same_work_and_matches_nothing():
    assert not secrets.matches("", secrets.NO_ACCOUNT)
    assert secrets.NO_ACCOUNT.split("$")[1:4] == secrets.keep("x").split("$")[1:4]
