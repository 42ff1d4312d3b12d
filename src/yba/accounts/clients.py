"""Clients of facilities: added, listed, given a new secret and taken out of use, each with its audit row."""

import re
from typing import Any
from uuid import uuid4

from psycopg import Connection

from yba import access, audit
from yba.access import Right
from yba.kit.actor import Actor
from yba.kit.errors import Conflict, Invalid, NotFound

from . import secrets, store
from .model import Client, NewSecret
from .roles import reach

# MA_CSKCB is five characters, digits first but letters occur (source: xml1.csv, field MA_CSKCB).
_FACILITY = re.compile(r"[0-9A-Z]{5}\Z")
_USERNAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{2,59}\Z")


def add_client(conn: Connection[Any], *, by: Actor, facility: str, username: str = "") -> NewSecret:
    """Open the account of a facility; its user name is ``<facility>_BV`` as on the insurer's gateway unless given."""
    access.require(by, Right.ACCOUNTS_CLIENT_ADD, facility=facility)
    name = username or f"{facility}_BV"
    if not _FACILITY.match(facility):
        raise Invalid(f"Mã cơ sở gồm 5 ký tự số hoặc chữ in hoa, không phải {facility[:20]!r}.", advice="Five characters 0-9 A-Z.")
    if not _USERNAME.match(name):
        raise Invalid("Tên đăng nhập gồm 3 đến 60 chữ, chữ số hoặc . _ @ -", advice="User name: 3 to 60 letters, digits or . _ @ -")
    secret, client_id = secrets.new_secret(), uuid4()
    if not store.insert_client(conn, client_id, facility, name, secrets.keep(secret)):
        raise Conflict(
            f"Cơ sở {facility} hoặc tên {name} đã có tài khoản; hãy cấp mật khẩu mới.",
            advice="It has an account already: use reset for a new secret.",
        )
    audit.note(conn, by=by, tag=audit.Tag.CLIENT_ADD, about_type="Client", about_id=str(client_id), facility=facility)
    return NewSecret(facility, name, secret)


def list_clients(conn: Connection[Any], *, by: Actor) -> list[Client]:
    """List the accounts ``by`` may see: all, or those of its own facilities."""
    where = reach(by, Right.ACCOUNTS_CLIENT_READ)
    return [one for one in store.clients(conn) if where is None or one.facility in where]


def reset_secret(conn: Connection[Any], *, by: Actor, facility: str) -> NewSecret:
    """Give a facility's account a new secret; open sessions end and a disabled account is in use again."""
    access.require(by, Right.ACCOUNTS_CLIENT_RESET, facility=facility)
    client = _existing(conn, facility)
    secret = secrets.new_secret()
    store.set_secret(conn, client.id, secrets.keep(secret))
    ended = store.end_sessions(conn, client.id)
    _note(conn, by, audit.Tag.CLIENT_RESET, client, ended)
    return NewSecret(client.facility, client.username, secret)


def disable_client(conn: Connection[Any], *, by: Actor, facility: str) -> Client:
    """Take a facility's account out of use at once: its open sessions end too."""
    access.require(by, Right.ACCOUNTS_CLIENT_DISABLE, facility=facility)
    client = _existing(conn, facility)
    store.disable(conn, client.id)
    ended = store.end_sessions(conn, client.id)
    _note(conn, by, audit.Tag.CLIENT_DISABLE, client, ended)
    return client


def _existing(conn: Connection[Any], facility: str) -> Client:
    client = store.client_of(conn, facility)
    if client is None:
        raise NotFound(f"Cơ sở {facility} chưa có tài khoản.", advice="This facility has no account.")
    return client


def _note(conn: Connection[Any], by: Actor, tag: audit.Tag, client: Client, ended: int) -> None:
    audit.note(
        conn,
        by=by,
        tag=tag,
        about_type="Client",
        about_id=client.id,
        facility=client.facility,
        detail={"sessions_ended": ended},
    )
