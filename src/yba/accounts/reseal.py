"""Sealing the secrets of second factors anew after the key ring was rotated."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import orjson

from yba import access
from yba.access import Right
from yba.kit import keys

from . import store_secrets
from .signin.secret import factor_plain, factor_secret

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]


def reseal_secrets(conn: Conn, *, by: Actor) -> int:
    """Seal every secret of a second factor that an older key sealed by the newest one; returns in how many devices."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    newest, changed = keys.ring().current(keys.Purpose.SECRETS).version, 0
    for number, data in store_secrets.authenticators(conn):
        told = orjson.loads(data)
        fresh = {name: _anew(value, newest) for name, value in told.items()}
        if fresh != told:
            store_secrets.put_data(conn, number, orjson.dumps(fresh).decode())
            changed += 1
    return changed


def secret_versions(conn: Conn, *, by: Actor) -> dict[int, int]:
    """Count the secrets of second factors by the version of the ring that sealed them."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    values = (value for _, data in store_secrets.authenticators(conn) for value in orjson.loads(data).values())
    return dict(Counter(keys.text_version(value) for value in values if isinstance(value, str) and keys.is_sealed_text(value)))


def _anew(value: object, newest: int) -> object:
    old = isinstance(value, str) and keys.is_sealed_text(value) and keys.text_version(value) < newest
    return factor_secret(factor_plain(str(value))) if old else value
