"""The screens of walls for who administers them: which there are and where they were on last; made, renewed, given another code, ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import accounts
from yba.access import Right, needs
from yba.kit import clock
from yba.kit.errors import Invalid
from yba.specs.sign_in import sign_in
from yba.web import shell
from yba.web.facilities import places
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

    from yba.web.edge import Visit

_DAYS: Final = _n("Số ngày từ 1 đến %(n)s.")
_NAME: Final = _n("Cần đặt tên cho màn hình, tối đa 60 ký tự.")


@needs(Right.ACCOUNTS_SCREEN_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the screens within reach: open, waiting for their code, over."""
    now, found = clock.now(), accounts.screens(visit.conn, by=visit.by)
    whos = {one.made_by for one in found if one.made_by.startswith("user:")}
    people = accounts.names_of(visit.conn, by=visit.by, accounts=[UUID(who.partition(":")[2]) for who in whos])
    return shell.answer(
        visit, "screens", found=[(one, _state(one, now)) for one in found], places=places(visit, [one.facility for one in found]),
        people={f"user:{account}": name for account, name in people.items()}, adds=visit.may(Right.ACCOUNTS_SCREEN_ADD),
        ends=visit.may(Right.ACCOUNTS_SCREEN_END), own=sorted(visit.by.facilities or ()), days=sign_in().screen.days,
        longest=sign_in().screen.longest_days,
    )  # fmt: skip


@needs(Right.ACCOUNTS_SCREEN_READ, Right.ACCOUNTS_SCREEN_ADD)
def add(visit: Visit) -> HttpResponse:
    """Make a screen; its code is in this one answer and nowhere else."""
    if not visit.posted:
        return listed(visit)
    days, limit, name = visit.text("days", 3), sign_in().screen.longest_days, visit.text("name", 60)
    if not days.isascii() or not days.isdigit() or not 1 <= int(days) <= limit:
        raise Invalid(visit.say(_DAYS) % {"n": limit})
    if not name:
        raise Invalid(visit.say(_NAME))
    made = accounts.add_screen(visit.conn, by=visit.by, name=name, facility=visit.text("facility", 5).upper(), days=int(days))
    return shell.answer(visit, "screen_code", made=made)


@needs(Right.ACCOUNTS_SCREEN_READ, Right.ACCOUNTS_SCREEN_ADD)
def renew(visit: Visit, screen: UUID) -> HttpResponse:
    """Let a screen live on for as long as it was made for."""
    if not visit.posted:
        return listed(visit)
    accounts.renew_screen(visit.conn, by=visit.by, screen=screen)
    return HttpResponseRedirect("/admin/screens?done=renewed")


@needs(Right.ACCOUNTS_SCREEN_READ, Right.ACCOUNTS_SCREEN_ADD)
def recode(visit: Visit, screen: UUID) -> HttpResponse:
    """Give a screen another code, shown once; what it was opened with is over."""
    if not visit.posted:
        return listed(visit)
    return shell.answer(visit, "screen_code", made=accounts.recode_screen(visit.conn, by=visit.by, screen=screen))


@needs(Right.ACCOUNTS_SCREEN_READ, Right.ACCOUNTS_SCREEN_END)
def end(visit: Visit, screen: UUID) -> HttpResponse:
    """End a screen."""
    if not visit.posted:
        return listed(visit)
    accounts.end_screen(visit.conn, by=visit.by, screen=screen)
    return HttpResponseRedirect("/admin/screens?done=ended")


def _state(one: accounts.Screen, now: datetime) -> str:
    if one.ended_at is not None:
        return "ended"
    if one.expires_at <= now:
        return "outrun"
    return "open" if one.opened_at is not None else "waiting"
