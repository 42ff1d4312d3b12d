"""Accounts of people: list, search, open one, assign, end, disable, reset; one-time codes are shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import accounts, directory
from yba.access import Right, needs
from yba.accounts import Kind, Post
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.kit.text import fold
from yba.specs import access as specs
from yba.specs.access import Where
from yba.web import shell
from yba.web.facilities import names, places
from yba.web.spelling import name_order
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpResponse

    from yba.accounts import Account, Handover
    from yba.web.edge import Visit

_SHOWN: Final = 200


_REASON: Final = _n("Cần ghi lý do.")
_ROLE: Final = _n("Chưa chọn vai trò.")
_PLACE: Final = _n("Vai trò này cần mã cơ sở (5 ký tự).")
_AREA: Final = _n("Vai trò này cần mã xã (2025).")
_CODE: Final = _n("Mã cơ sở này không có trong danh mục đang hoạt động.")
_NAME: Final = _n("Tên đăng nhập gồm 3 đến 60 chữ thường không dấu, số hoặc . _ -")
_SHOWN_NAME: Final = _n("Cần họ và tên, tối đa 120 ký tự.")
_ITEM: Final = _n("Mã phân công không đúng.")
_SESSION: Final = _n("Phiên này đã kết thúc rồi.")
_MAY: Final = {"assign": Right.ACCOUNTS_ACCOUNT_ASSIGN, "disable": Right.ACCOUNTS_ACCOUNT_DISABLE, "reset": Right.ACCOUNTS_ACCOUNT_RESET}


@needs(Right.ACCOUNTS_ACCOUNT_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the accounts within reach; ``?q=`` looks in names without tones, ``?show=`` never | disabled."""
    everyone = accounts.accounts(visit.conn, by=visit.by)
    asked, show = visit.asked("q", 60), visit.asked("show", 10)
    found = sorted((one for one in everyone if _matches(one, fold(asked), show)), key=lambda one: name_order(one.display_name or one.username))
    values: dict[str, Any] = {"found": found[:_SHOWN], "more": max(len(found) - _SHOWN, 0), "total": len(everyone), "q": asked, "show": show}
    return shell.answer(visit, "accounts", **values, adds=visit.may(Right.ACCOUNTS_ACCOUNT_ADD))


@needs(Right.ACCOUNTS_ACCOUNT_ADD, Right.ACCOUNTS_ACCOUNT_ASSIGN)
def add(visit: Visit) -> HttpResponse:
    """Open the account of somebody who starts work; its code is shown once."""
    if visit.posted:
        username, shown = visit.text("username", 60).lower(), visit.text("display_name", 120)
        if not username.replace(".", "").replace("_", "").replace("-", "").isalnum() or not username.isascii():
            raise Invalid(visit.say(_NAME))
        if not shown:
            raise Invalid(visit.say(_SHOWN_NAME))
        made = accounts.join(
            visit.conn, by=visit.by, username=username, display_name=shown, post=_post(visit), reason=_reason(visit),
            phone=visit.text("phone", 30), email=visit.text("email", 254),
        )  # fmt: skip
        return handed_over(visit, made)
    return shell.answer(visit, "account_add", **_choices(visit))


@needs(Right.ACCOUNTS_ACCOUNT_READ)
def one(visit: Visit, account: UUID) -> HttpResponse:
    """Open one account with all its roles, and what may be done with it."""
    found, held = accounts.account(visit.conn, by=visit.by, account=account)
    now = clock.now()
    values: dict[str, Any] = {
        "account": found,
        "held": [(each, each.in_force(now)) for each in held],
        "places": places(visit, {each.post.facility for each in held}),
        "acts": {name: visit.may(right) for name, right in _MAY.items()},
        "own": visit.by.account == account,
        "sessions": accounts.open_sessions(visit.conn, by=visit.by, account=account),
        "screens": _screens(visit, account, now),
    }
    return shell.answer(visit, "account", **values, **_choices(visit))


def _screens(visit: Visit, account: UUID, now: datetime) -> list[accounts.Screen]:
    """Return the screens that somebody opened and that are on: they do not end with the account's sessions."""
    if not visit.may(Right.ACCOUNTS_SCREEN_READ):
        return []
    with visit.under(Right.ACCOUNTS_SCREEN_READ) as (conn, by):
        return [one for one in accounts.screens(conn, by=by) if one.made_by == f"user:{account}" and one.is_open(now)]


def handed_over(visit: Visit, made: Handover) -> HttpResponse:
    """Show a one-time code; it is kept nowhere, so that a second look is a new code."""
    return shell.answer(visit, "handover", made=made)


def _assign(visit: Visit, told: dict[str, Any]) -> None:
    accounts.assign(told["conn"], by=told["by"], account=told["account"], post=_post(visit), reason=told["reason"])


def _end(visit: Visit, told: dict[str, Any]) -> None:
    held = accounts.assignments_of(told["conn"], by=told["by"], account=told["account"])
    try:
        asked = UUID(visit.text("assignment", 40))
    except ValueError:
        raise Invalid(visit.say(_ITEM)) from None
    if asked not in {each.id for each in held}:  # one of this account, not any id that was typed
        raise Invalid(visit.say(_ITEM))
    accounts.end_assignment(told["conn"], by=told["by"], assignment=asked, reason=told["reason"])


def _leave(_visit: Visit, told: dict[str, Any]) -> None:
    accounts.leave(told["conn"], by=told["by"], account=told["account"], reason=told["reason"])


def _disable(_visit: Visit, told: dict[str, Any]) -> None:
    accounts.disable(told["conn"], by=told["by"], account=told["account"], reason=told["reason"])


def _sign_out(visit: Visit, told: dict[str, Any]) -> None:
    only = visit.text("session", 40) or None
    ended = accounts.end_sessions(told["conn"], by=told["by"], account=told["account"], reason=told["reason"], only=only)
    if only and not ended:
        raise Invalid(visit.say(_SESSION))


def _reset(visit: Visit, told: dict[str, Any]) -> Handover:
    factors = visit.text("factors") == "yes"
    return accounts.reset_credentials(told["conn"], by=told["by"], account=told["account"], reason=told["reason"], factors=factors)


def _page(name: str, right: Right, do: Callable[[Visit, dict[str, Any]], Handover | None]) -> Callable[..., HttpResponse]:
    """Make the page of one act, which declares its right; without an act, or after a refused one, it is the account's own page."""

    @needs(Right.ACCOUNTS_ACCOUNT_READ, right)
    def act(visit: Visit, account: UUID) -> HttpResponse:
        if not visit.posted:
            return one(visit, account)
        accounts.account(visit.conn, by=visit.by, account=account)  # one out of reach and one that is nobody's answer alike
        made = do(visit, {"conn": visit.conn, "by": visit.by, "account": account, "reason": _reason(visit)})
        return handed_over(visit, made) if made is not None else HttpResponseRedirect(f"/admin/accounts/{account}?done={name}")

    return act


assign = _page("assign", Right.ACCOUNTS_ACCOUNT_ASSIGN, _assign)
end = _page("end", Right.ACCOUNTS_ACCOUNT_ASSIGN, _end)
disable = _page("disable", Right.ACCOUNTS_ACCOUNT_DISABLE, _disable)
leave = _page("leave", Right.ACCOUNTS_ACCOUNT_DISABLE, _leave)
reset = _page("reset", Right.ACCOUNTS_ACCOUNT_RESET, _reset)
sign_out = _page("sign-out", Right.ACCOUNTS_ACCOUNT_DISABLE, _sign_out)


def _matches(one: Account, asked: str, show: str) -> bool:
    if show == "never" and (one.last_seen is not None or not one.active):
        return False
    if show == "disabled" and one.active:
        return False
    return not asked or asked in fold(f"{one.username} {one.display_name}")


def _post(visit: Visit) -> Post:
    spec = specs.roles().get(visit.text("role", 40))
    if spec is None or spec.kind != "staff":
        raise Invalid(visit.say(_ROLE))
    wheres = {rule.where for rule in spec.may}
    post = Post(spec.name, visit.text("facility", 5).upper(), visit.text("department", 60), visit.text("area", 10), visit.text("licence", 60))
    if Where.FACILITY in wheres and not post.facility:
        raise Invalid(visit.say(_PLACE))
    if Where.COMMUNE in wheres and not post.area:
        raise Invalid(visit.say(_AREA))
    if post.facility and directory.facility_at(visit.conn, by=visit.by, code=post.facility, on=clock.today()) is None:
        raise Invalid(visit.say(_CODE))
    return post


def _reason(visit: Visit) -> str:
    words = visit.text("reason")
    if not words:
        raise Invalid(visit.say(_REASON))
    return words


def _choices(visit: Visit) -> dict[str, Any]:
    codes = sorted(visit.by.facilities or ())
    known = names(visit.conn, by=visit.by)(codes)
    return {
        "roles": specs.roles(),
        "staff": [spec for spec in specs.roles().values() if spec.kind == Kind.STAFF.value],
        "facilities": [(code, known.get(code, "")) for code in codes],
    }
