"""Passwords hashed quickly where a test needs accounts and not the cost of their hash (tests/accounts/test_sign_in.py proves that)."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from django.contrib.auth.hashers import ScryptPasswordHasher


@contextmanager
def quick() -> Iterator[None]:
    """Let passwords set meanwhile take a thousandth of the work; signing in reads the work from the hash, so it stays quick afterwards."""
    with mock.patch.object(ScryptPasswordHasher, "work_factor", 1 << 4):
        yield
