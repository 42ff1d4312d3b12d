"""Joiners, movers and leavers: opening accounts, giving and ending roles, handing over one-time codes; each with its audit row."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba import audit, directory
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Forbidden, Invalid, NotFound
from yba.kit.ids import new_id
from yba.specs.sign_in import sign_in

from . import keeping, secrets, store_people, store_sessions
from .people import Account, Assignment, Handover, Kind, Post
from .roles import administers, check_places, reach, require, role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from psycopg import Connection

    from yba.kit.actor import Actor

    Conn = Connection[tuple[Any, ...]]

_USERNAME: Final = re.compile(r"[0-9a-z][0-9a-z._-]{2,59}\Z")
_LONGEST: Final = 120


def join(
    conn: Conn, *, by: Actor, username: str, display_name: str, post: Post, reason: str, phone: str = "", email: str = "", demo: bool = False
) -> Handover:
    """Open the account of somebody who starts work, with a first role; returns the one-time code for the first sign-in.

    Raises Forbidden, Invalid (name, role, place) and Conflict (user name taken; a leaver who comes back keeps the account: reset and assign).
    """
    require(by, Right.ACCOUNTS_ACCOUNT_ADD, [post.facility])
    name, shown = username.strip().lower(), " ".join(display_name.split())
    if not _USERNAME.match(name):
        raise Invalid(
            "Tên đăng nhập gồm 3 đến 60 chữ thường không dấu, chữ số hoặc . _ -", advice="User name: 3 to 60 small letters, digits or . _ -"
        )
    if not shown or len(shown) > _LONGEST or len(phone) > 30 or len(email) > 254:  # noqa: PLR2004  # the columns' own
        raise Invalid(
            "Cần họ tên, tối đa 120 ký tự; điện thoại tối đa 30, thư điện tử 254.",
            advice="A name of at most 120 characters; telephone 30, e-mail 254.",
        )
    account = new_id()
    row = {"id": account, "username": name, "kind": Kind.STAFF.value, "display_name": shown, "phone": phone.strip(), "email": email.strip()}
    if not store_people.insert_account(conn, {**row, "person_id": None, "demo": demo, "at": clock.now(), "by": by.name}):
        raise Conflict(f"Tên đăng nhập {name} đã có người dùng.", advice="This user name is taken.")
    _note(conn, by, Tag.ACCOUNT_ADD, account, post.facility, reason)
    assign(conn, by=by, account=account, post=post, reason=reason)
    return _hand_over(conn, by, account, name)


def assign(
    conn: Conn, *, by: Actor, account: UUID, post: Post, reason: str, starts: datetime | None = None, ends: datetime | None = None
) -> Assignment:
    """Give an account a role somewhere, from now or ``starts``. Nobody gives one to oneself, nor one that administers beyond the own reach.

    Raises Forbidden, Invalid (role, place, reason), NotFound and Conflict (it has the role there already).
    """
    spec, now = role(post.role), clock.now()
    _may_give(by, account, post)
    check_places(spec, post)
    _existing_place(conn, by, post)
    known = _account(conn, account)
    if (known.kind is Kind.CITIZEN) != (spec.kind == "citizen"):
        raise Invalid(
            "Tài khoản của người dân và của cán bộ tách riêng: một người có thể có cả hai.",
            advice="People's own accounts and staff accounts are apart.",
        )
    begins = starts or now
    if ends is not None and ends <= begins:
        raise Invalid("Ngày kết thúc phải sau ngày bắt đầu.", advice="An assignment ends after it begins.")
    row = {"id": new_id(), "account": account, **post._asdict(), "starts": begins, "ends": ends, "by": by.name, "reason": _reason(reason)}
    if not store_people.insert_assignment(conn, row):
        raise Conflict(f"{known.username} đang có vai trò này ở đó rồi.", advice=f"{post.role} is held there already.")
    _note(conn, by, Tag.ACCOUNT_ASSIGN, account, post.facility, reason, {"assignment": str(row["id"]), **_told(post)})
    return Assignment(row["id"], account, post, begins, ends, by.name, reason, "")


def end_assignment(conn: Conn, *, by: Actor, assignment: UUID, reason: str, at: datetime | None = None) -> Assignment:
    """End one role, now or at ``at``; it stays in the books. Raises NotFound, Forbidden, Conflict (ended already)."""
    found = store_people.assignment(conn, assignment)
    if found is None:
        raise NotFound("Không có lần giao vai trò này.", advice="no such assignment.")
    require(by, Right.ACCOUNTS_ACCOUNT_ASSIGN, [found.post.facility])
    ended = end_many(conn, by=by, found=[found], reason=reason, at=at)
    if not ended:
        raise Conflict("Vai trò này đã kết thúc rồi.", advice="This assignment has ended already.")
    return ended[0]


def move(conn: Conn, *, by: Actor, account: UUID, post: Post, reason: str, leaving: str | None = None) -> Assignment:
    """Somebody changes post: the roles at ``leaving`` (None = all) end and the new one begins at the same moment.

    Sessions stay: the next request has the new grants. What one visit in progress opened to the person hangs on a relation to the account,
    not on the facility, and lasts until that visit ends.
    """
    held = [one for one in store_people.assignments(conn, account, on=clock.now()) if leaving is None or one.post.facility == leaving]
    _may_give(by, account, post)
    require(by, Right.ACCOUNTS_ACCOUNT_ASSIGN, {one.post.facility for one in held})
    end_many(conn, by=by, found=held, reason=reason)
    return assign(conn, by=by, account=account, post=post, reason=reason)


def leave(conn: Conn, *, by: Actor, account: UUID, reason: str) -> Account:
    """Somebody stops working: all roles end, the account is out of use, its sessions and codes are void at once."""
    found = _account(conn, account)
    held = store_people.assignments(conn, account, on=clock.now())
    _may_touch(by, Right.ACCOUNTS_ACCOUNT_DISABLE, account, held)
    end_many(conn, by=by, found=held, reason=reason)
    take_out_of_use(conn, by=by, account=account, reason=reason, facility=held[0].post.facility if held else "")
    return found


def disable(conn: Conn, *, by: Actor, account: UUID, reason: str) -> Account:
    """Take an account out of use at once, roles kept: suspicion, long absence. A reset brings it back."""
    found = _account(conn, account)
    held = store_people.assignments(conn, account, on=clock.now())
    _may_touch(by, Right.ACCOUNTS_ACCOUNT_DISABLE, account, held)
    take_out_of_use(conn, by=by, account=account, reason=reason, facility=held[0].post.facility if held else "")
    return found


def end_sessions(conn: Conn, *, by: Actor, account: UUID, reason: str, only: str | None = None) -> int:
    """End every browser session of an account at once and its tokens, or ``only`` one session (`OpenSession.id`); returns how many there were."""
    _account(conn, account)
    held = store_people.assignments(conn, account, on=clock.now())
    _may_touch(by, Right.ACCOUNTS_ACCOUNT_DISABLE, account, held)
    ended = store_sessions.end_sessions(conn, account, only=only) + (keeping.end_all(by=by.name, account=account) if only is None else 0)
    _note(conn, by, Tag.SIGN_OUT, account, held[0].post.facility if held else "", _reason(reason), {"sessions_ended": ended})
    return ended


def reset_credentials(conn: Conn, *, by: Actor, account: UUID, reason: str, factors: bool = False) -> Handover:
    """Void password, sessions and (``factors``) the second factor, and return a one-time code to hand over; a disabled account is in use again."""
    found = _account(conn, account)
    held = store_people.assignments(conn, account, on=clock.now())
    _may_touch(by, Right.ACCOUNTS_ACCOUNT_RESET, account, held)
    if found.kind is Kind.CITIZEN:
        raise Invalid(
            "Người dân đăng nhập bằng định danh điện tử, không có mật khẩu ở đây.",
            advice="A citizen signs in through the identity provider and has no password here.",
        )
    store_people.reopen(conn, account, at=clock.now())
    ended = store_sessions.end_sessions(conn, account) + keeping.end_all(by=by.name, account=account)
    dropped = store_people.drop_factors(conn, account) if factors else 0
    detail = {"sessions_ended": ended, "factors_removed": dropped}
    _note(conn, by, Tag.ACCOUNT_RESET, account, held[0].post.facility if held else "", reason, detail)
    return _hand_over(conn, by, account, found.username)


def end_many(conn: Conn, *, by: Actor, found: Sequence[Assignment], reason: str, at: datetime | None = None) -> list[Assignment]:
    """End assignments within the room, after the right was asked for; returns those that were open."""
    now, said = clock.now(), _reason(reason)
    ended = store_people.end_assignments(conn, ids=[one.id for one in found], at=at or now, now=now, by=by.name, reason=said)
    for one in ended:
        _note(conn, by, Tag.ACCOUNT_END, one.account, one.post.facility, said, {"assignment": str(one.id), **_told(one.post)})
    return ended


def take_out_of_use(conn: Conn, *, by: Actor, account: UUID, reason: str, facility: str = "") -> None:
    """Disable an account within the room and end whatever could still open something."""
    ended = store_sessions.end_sessions(conn, account) + keeping.end_all(by=by.name, account=account)
    store_people.drop_handover(conn, account)
    store_people.disable(conn, account, at=clock.now(), reason=_reason(reason))
    _note(conn, by, Tag.ACCOUNT_DISABLE, account, facility, reason, {"sessions_ended": ended})


def _hand_over(conn: Conn, by: Actor, account: UUID, username: str) -> Handover:
    now, code = clock.now(), secrets.new_code()
    expires = now + timedelta(hours=sign_in().account.code_hours)
    store_people.put_handover(conn, account, code_hash=secrets.token_hash(code), at=now, expires=expires, by=by.name)
    return Handover(account, username, code, expires)


def _may_give(by: Actor, account: UUID, post: Post) -> None:
    """Four eyes: never to oneself; roles that administer come from who reaches the whole province."""
    require(by, Right.ACCOUNTS_ACCOUNT_ASSIGN, [post.facility])
    if by.account == account:
        raise Forbidden("Không ai tự giao vai trò cho mình.", advice="Nobody gives a role to oneself.")
    if administers([post.role]) and reach(by, Right.ACCOUNTS_ACCOUNT_ASSIGN) is not None:
        raise Forbidden("Vai trò quản trị do cấp tỉnh giao.", advice="Roles that administer are given by the province.")


def _may_touch(by: Actor, right: Right, account: UUID, held: Sequence[Assignment]) -> None:
    """Who manages one facility may act on an account that works only there, and never on one that administers."""
    where = reach(by, right)
    if where is None:
        return
    if by.account == account or not held or administers([one.post.role for one in held]):
        raise Forbidden("Tài khoản này do cấp tỉnh quản lý.", advice="The province manages this account.")
    require(by, right, {one.post.facility for one in held})


def _existing_place(conn: Conn, by: Actor, post: Post) -> None:
    """A facility must be in force today, an area a commune of today or the whole province."""
    today = clock.today()
    if post.facility and directory.facility_at(conn, by=by, code=post.facility, on=today) is None:
        raise Invalid(f"{post.facility[:20]!r} không phải cơ sở đang hoạt động.", advice="It is not a facility in force today.")
    if post.area and post.area != "*" and directory.commune(post.area, today) is None:
        raise Invalid(f"{post.area[:20]!r} không phải mã xã hiện nay.", advice="It is not a commune of today.")
    if len(post.licence) > 60 or len(post.department) > 60:  # noqa: PLR2004  # longer than any seen
        raise Invalid("Số giấy phép và mã khoa tối đa 60 ký tự.", advice="Licence and department are at most 60 characters.")


def _account(conn: Conn, account: UUID) -> Account:
    found = store_people.account(conn, account, lock=True)
    if found is None:
        raise NotFound("Không có tài khoản này.", advice="no such account.")
    return found


def _reason(text: str) -> str:
    said = " ".join(text.split())
    if not said:
        raise Invalid("Cần ghi lý do.", advice="A reason is needed.")
    return said[:200]


def _told(post: Post) -> dict[str, str]:
    return {key: str(value) for key, value in post._asdict().items() if value and key != "person_id"}


def _note(conn: Conn, by: Actor, tag: Tag, account: UUID, facility: str, reason: str, detail: dict[str, Any] | None = None) -> None:
    audit.note(conn, by=by, tag=tag, about_type="Account", about_id=str(account), facility=facility or None, reason=reason, detail=detail)
