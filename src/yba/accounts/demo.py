"""Demo accounts exist only where demo.marker says that a data folder is a demonstration; anywhere else they open nothing."""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.contrib.auth.hashers import make_password

from yba import audit
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict
from yba.kit.ids import new_id
from yba.kit.settings import VAR
from yba.specs.access import Where, roles

from . import secrets, store_people
from .actions import assign
from .people import Kind, Post
from .signin.secret import factor_secret
from .upkeep import set_networks

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]

_WHY: Final = "tài khoản mẫu"
_AT_WORK: Final = timedelta(days=365)  # they know the residents whose visits ended before the demo was made
LOOPBACK: Final = ("127.0.0.0/8", "::1/128")  # who tries the demonstration sits at its machine: inside every facility's network


class DemoAccount(NamedTuple):
    """One account as accounts.txt shows it; ``totp``: the key of the second factor, where the role always needs one."""

    role: str
    username: str
    password: str
    totp: str = ""


def marker() -> Path:
    """Where the marker of a demo data folder stands."""
    return VAR() / "demo.marker"


def demo_allowed() -> bool:
    """Whether this data folder is a demonstration."""
    return marker().is_file()


def mark_demo(*, fresh: bool) -> bool:
    """Write the marker into a data folder nobody has sent anything to; False when it has data and is not marked."""
    if demo_allowed():
        return True
    if fresh:
        marker().parent.mkdir(parents=True, exist_ok=True)
        marker().write_text("Dữ liệu trong thư mục này là giả lập. Everything in this data folder is synthetic.\n", "utf-8")
    return fresh


def refuse_forgotten_demo(conn: Conn, *, by: Actor) -> None:  # noqa: ARG001  # the server asks before it serves
    """Refuse to serve a folder with demo accounts that does not say it is a demo. Raises Conflict."""
    count = 0 if demo_allowed() else store_people.demo_accounts(conn)
    if count:
        raise Conflict(
            f"{count} demo accounts in a data folder without demo.marker: it may hold real data.",
            advice="Use a fresh YBA_VAR for real intake; write the marker only where everything is synthetic.",
        )


def make_demo_accounts(
    conn: Conn, *, by: Actor, facility: str, commune: str = "", person_id: UUID | None = None, ward: UUID | None = None
) -> list[DemoAccount]:
    """Open one account per role of people, with random passwords kept in VAR/demo/accounts.txt (0600); those made before stay as they are.

    ``facility`` must be in force; ``commune`` is the station nurse's; ``person_id`` is the citizen's own person and ``ward`` the guardian's:
    without them these roles get no account. Returns all, also those made before. Raises Conflict outside a demo data folder.
    """
    if not demo_allowed():
        raise Conflict("demo accounts are made in a demo data folder only.", advice="Run `yba demo`.")
    for place in (facility, ""):
        set_networks(conn, by=by, facility=place, networks=LOOPBACK)
    made = []
    for name, spec in roles().items():
        if spec.kind == "machine" or store_people.account_named(conn, _username(name)) is not None:
            continue
        wheres = {rule.where for rule in spec.may}
        own = person_id if name == "citizen" else ward
        if (Where.OWN_PERSON in wheres and own is None) or (Where.COMMUNE in wheres and not commune):
            continue
        at = facility if {Where.FACILITY, Where.RELATION} & wheres else ""
        area = commune if Where.COMMUNE in wheres else ""
        post = Post(name, facility=at, area=area, person_id=own if Where.OWN_PERSON in wheres else None)
        made.append(_make(conn, by, post, spec.vi, always=spec.second_factor == "always"))
    _keep(made)
    return _kept()


def _make(conn: Conn, by: Actor, post: Post, shown: str, *, always: bool) -> DemoAccount:
    """Open one account, skipping the one-time code: its password is the file's, and so is the key of its second factor."""
    name, password = _username(post.role), secrets.new_secret()
    kind = Kind(roles()[post.role].kind)
    own = post.person_id if post.role == "citizen" else None
    account = new_id()
    row = {"id": account, "username": name, "kind": kind.value, "display_name": f"{shown} (mẫu)", "phone": "", "email": "", "person_id": own}
    if not store_people.insert_account(conn, {**row, "demo": True, "at": clock.now(), "by": by.name}):
        raise Conflict("the person of the demo citizen has an account already.")
    audit.note(conn, by=by, tag=Tag.ACCOUNT_ADD, about_type="Account", about_id=str(account), facility=post.facility or None, reason=_WHY)
    assign(conn, by=by, account=account, post=post, reason=_WHY, starts=clock.now() - _AT_WORK)
    encoded = make_password(password)
    store_people.set_password(conn, account, encoded=encoded)
    store_people.keep_password(conn, account, encoded=encoded, at=clock.now(), long=True, keep=1)
    key = base64.b32encode(os.urandom(20)).decode() if always else ""
    if key:
        store_people.put_totp(conn, account, secret=factor_secret(key), at=clock.now())
    return DemoAccount(post.role, name, password, key)


def _username(role: str) -> str:
    return f"mau.{role}"


def _file() -> Path:
    return VAR() / "demo" / "accounts.txt"


def _keep(made: list[DemoAccount]) -> None:
    """Add the new accounts to accounts.txt, readable by its owner only."""
    path = _file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.writelines(f"{one.role}\t{one.username}\t{one.password}\t{one.totp}\n" for one in made)


def _kept() -> list[DemoAccount]:
    """Return the accounts of accounts.txt, in the order they were made."""
    lines = _file().read_text(encoding="utf-8").splitlines()
    kept = [DemoAccount(*line.split("\t")) for line in lines]
    return list({one.username: one for one in kept}.values())  # a run broken off before its commit leaves lines behind: the last one counts
