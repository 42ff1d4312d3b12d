"""Screens of walls: made by an administrator, opened at the device by a code typed once, renewed, ended; each sees its unit's picture alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import access, audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import PROVINCE, Actor, Grant
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.access import roles
from yba.specs.sign_in import sign_in

from . import secrets, store_limits, store_screens
from .keeping import KEEPER
from .limits import place_of, worth_noting
from .model import Refused, Why
from .roles import reach
from .screen_model import NewCode

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Origin

    from .screen_model import Screen

    Conn = Connection[tuple[Any, ...]]

PREFIX: Final = "ybs_"  # tells scanners of leaked secrets what it is
_LONGEST_NAME: Final = 60
_OVER: Final = timedelta(days=30)  # for so long what is over stays in the list
_ROLES: Final = {False: "facility-screen", True: "province-screen"}


def add_screen(conn: Conn, *, by: Actor, name: str, facility: str, days: int) -> NewCode:
    """Make a screen of a facility ("" = the province) for so many days (sign_in.toml); its code is given this once.

    Raises Denied, Invalid (name, days, facility), Conflict (too many at once).
    """
    access.require(by, Right.ACCOUNTS_SCREEN_ADD, facility=facility)
    shown, limits, now = " ".join(name.split()), sign_in().screen, clock.now()
    if not shown or len(shown) > _LONGEST_NAME or "\0" in shown:
        raise Invalid("Tên màn hình dài 1 đến 60 ký tự.", advice="A screen's name has 1 to 60 characters.")
    if not 1 <= days <= limits.longest_days:
        raise Invalid(f"Màn hình sống 1 đến {limits.longest_days} ngày.", advice=f"A screen lives 1 to {limits.longest_days} days.")
    if facility and not _is_open(conn, by, facility):
        raise Invalid("Mã cơ sở này không có trong danh mục đang hoạt động.", advice="No such facility at work.")
    made, screen = secrets.new_code(), new_id()
    until = now + timedelta(minutes=limits.code_minutes)
    with unit_of_work(by=KEEPER) as keeping:
        if sum(one.ended_at is None for one in store_screens.screens(keeping, [facility], since=now)) >= limits.most:
            raise Conflict(f"Đã có {limits.most} màn hình ở đây; hãy kết thúc bớt.", advice="End another screen first.")
        row = {"id": screen, "name": shown, "facility": facility, "at": now, "by": by.name, "days": days, "expires_at": now + timedelta(days=days)}
        store_screens.insert(keeping, {**row, "code_hash": secrets.token_hash(made), "code_until": until})
    _note(conn, by, Tag.SCREEN_ADD, screen, facility, {"name": shown, "days": days})
    return NewCode(screen, shown, made, until)


def screens(conn: Conn, *, by: Actor) -> list[Screen]:  # noqa: ARG001  # a list belongs to a unit of work
    """List the screens within reach, newest first; those that are over for a month. Raises Denied."""
    where = reach(by, Right.ACCOUNTS_SCREEN_READ)
    with unit_of_work(by=KEEPER) as keeping:
        return store_screens.screens(keeping, where, since=clock.now() - _OVER)


def renew_screen(conn: Conn, *, by: Actor, screen: UUID) -> datetime:
    """Let a screen live on for as many days as it was made for; returns until when. Raises Denied, NotFound (none, or over)."""
    access.require(by, Right.ACCOUNTS_SCREEN_ADD)
    now = clock.now()
    with unit_of_work(by=KEEPER) as keeping:
        found = _living(keeping, by, Right.ACCOUNTS_SCREEN_ADD, screen)
        until = now + timedelta(days=found.days)
        store_screens.renew(keeping, screen, at=now, expires_at=until)
    _note(conn, by, Tag.SCREEN_RENEW, screen, found.facility, {"days": found.days})
    return until


def recode_screen(conn: Conn, *, by: Actor, screen: UUID) -> NewCode:
    """Give a screen another code, for a device that was changed or has forgotten: what it was opened with is over. Raises Denied, NotFound."""
    access.require(by, Right.ACCOUNTS_SCREEN_ADD)
    made, until = secrets.new_code(), clock.now() + timedelta(minutes=sign_in().screen.code_minutes)
    with unit_of_work(by=KEEPER) as keeping:
        found = _living(keeping, by, Right.ACCOUNTS_SCREEN_ADD, screen)
        store_screens.put_code(keeping, screen, code_hash=secrets.token_hash(made), until=until)
    _note(conn, by, Tag.SCREEN_RENEW, screen, found.facility, {"code": True})
    return NewCode(screen, found.name, made, until)


def end_screen(conn: Conn, *, by: Actor, screen: UUID) -> None:
    """End a screen: with its next picture it is dark. Raises Denied, NotFound (none, or over)."""
    access.require(by, Right.ACCOUNTS_SCREEN_END)
    with unit_of_work(by=KEEPER) as keeping:
        found = _living(keeping, by, Right.ACCOUNTS_SCREEN_END, screen)
        store_screens.end(keeping, screen, at=clock.now(), by=by.name)
    _note(conn, by, Tag.SCREEN_END, screen, found.facility, {"name": found.name})


def end_screens_at_closed_facilities(conn: Conn, *, by: Actor) -> int:
    """End the screens of facilities that are closed; until this ran they see nothing either. Returns how many. Raises Denied."""
    access.require(by, Right.ACCOUNTS_ACCOUNT_DISABLE)
    ended = 0
    with unit_of_work(by=KEEPER) as keeping:
        for one in store_screens.screens(keeping, None, since=clock.now()):
            if one.ended_at is None and one.facility and not _is_open(conn, by, one.facility):
                store_screens.end(keeping, one.id, at=clock.now(), by=by.name)
                _note(conn, by, Tag.SCREEN_END, one.id, one.facility, {"name": one.name, "closed": True})
                ended += 1
    return ended


def open_screen(conn: Conn, *, by: Actor, code: str, address: str, browser: str = "") -> str | Refused:
    """Open a screen by the code of its administrator: returns the token the device keeps, this once. The pace is kept and a wrong code noted."""
    wait = store_limits.spend(conn, f"edge screen {place_of(address)}", per_minute=sign_in().screen.tries_per_minute)
    if wait:
        return Refused(Why.TOO_FAST, wait)
    token, now = PREFIX + secrets.new_token(), clock.now()
    with unit_of_work(by=KEEPER) as keeping:
        row = {"hash": secrets.token_hash(token), "at": now, "address": address[:45], "browser": browser[:60]}
        found = store_screens.open_by(keeping, secrets.token_hash("".join(code.split()).lower()), row)
    if found is None:
        audit.note(conn, by=by, tag=Tag.SIGN_IN_REFUSED, about_type="Screen", about_id="", detail={"address": address})
        return Refused(Why.WRONG)
    _note(conn, by, Tag.SCREEN_OPEN, found.id, found.facility, {"name": found.name, "address": address})
    return token


def screen_of(conn: Conn, *, token: str, origin: Origin) -> tuple[Actor, datetime] | None:
    """Say which screen a token is of and until when it lives; None: of none that is open, which is noted. It may what its role may, at its unit."""
    kept, now = secrets.token_hash(token), clock.now()
    with unit_of_work(by=KEEPER) as keeping:
        found = store_screens.whose(keeping, kept, now=now)
        if found is None:
            _not_opened(keeping, origin)
            return None
        screen, facility, until, fresh, last = found
        if facility and not _is_open(conn, KEEPER, facility):
            _not_opened(keeping, origin, screen=screen, facility=facility)
            return None
        moved = place_of(last) != place_of(origin.address)
        if moved or not fresh:
            store_screens.seen(keeping, kept, now=now, address=origin.address[:45])
        if moved:
            _moved(keeping, screen, facility, origin, last)
    role = _ROLES[not facility]
    grant = Grant(role, frozenset({facility})) if facility else Grant(role, areas=frozenset({PROVINCE}))
    return Actor.screen(screen, grant, purpose=roles()[role].purpose, origin=origin), until


def refuse_screen(conn: Conn, *, by: Actor, right: str, page: str) -> None:
    """Write down that a screen was refused a page, in a unit of its own: at the pace of sign-ins, for nobody stands there who would stop asking."""
    with unit_of_work(by=KEEPER) as keeping:
        number = worth_noting(keeping, what=by.name)
    if number:
        detail = {"page": page, "method": "GET", "failures_this_hour": number}
        audit.note(conn, by=by, tag=Tag.RIGHT_REFUSED, about_type="Right", about_id=right, detail=detail)


def _not_opened(keeping: Conn, origin: Origin, *, screen: UUID | None = None, facility: str = "") -> None:
    """Note that a token opened nothing: of none that is open, or of a closed facility; never what was presented."""
    number = worth_noting(keeping, what=f"screen {place_of(origin.address)}")
    if number:
        detail = {"address": origin.address[:45], "failures_this_hour": number}
        audit.note(
            keeping, by=KEEPER, tag=Tag.SIGN_IN_REFUSED, about_type="Screen", about_id=str(screen or ""), facility=facility or None,
            reason="token", detail=detail,
        )  # fmt: skip


def _moved(keeping: Conn, screen: UUID, facility: str, origin: Origin, last: str) -> None:
    """Note that a screen's token came from another network than the last time: a device that was carried off, or a second one with a copy of it."""
    if number := worth_noting(keeping, what=f"screen {screen} moved"):
        _note(keeping, KEEPER, Tag.SCREEN_MOVE, screen, facility, {"from": last, "address": origin.address[:45], "moves_this_hour": number})


def _living(keeping: Conn, by: Actor, right: Right, screen: UUID) -> Screen:
    """Find a screen that is not over, within reach; one of somebody else is none."""
    found, where = store_screens.screen(keeping, screen), reach(by, right)
    if found is None or found.ended_at is not None or (where is not None and found.facility not in where):
        raise NotFound("Không có màn hình này, hoặc đã kết thúc.", advice="No such screen, or it is over.")
    return found


def _is_open(conn: Conn, by: Actor, facility: str) -> bool:
    return facility in directory.facilities_at(conn, by=by, codes=[facility], on=clock.today())


def _note(conn: Conn, by: Actor, tag: Tag, screen: UUID, facility: str, detail: dict[str, Any]) -> None:
    audit.note(conn, by=by, tag=tag, about_type="Screen", about_id=str(screen), facility=facility or None, detail=detail)
