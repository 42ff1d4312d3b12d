"""One's own tokens for the API: listed, made (shown this once), ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect

from yba import accounts
from yba.access import open_to_all
from yba.kit.errors import Invalid, NotFound
from yba.specs.sign_in import sign_in
from yba.web import shell
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit


_WHOSE: Final = "one's own tokens, which open what the own roles open and nothing else"
_NAME: Final = _n("Cần đặt tên cho mã, tối đa 60 ký tự.")
_HOURS: Final = _n("Mã sống 1 đến 12 giờ.")
_OVER: Final = _n("Mã này đã kết thúc rồi.")


@open_to_all(_WHOSE)
def listed(visit: Visit) -> HttpResponse:
    """List the tokens that are good; a form makes one, whose text is in the one answer and nowhere else."""
    account = visit.request.user.pk
    if not visit.posted:
        found = accounts.tokens_of(visit.conn, by=visit.by, account=account)
        return shell.answer(visit, "tokens", found=found, hours=sign_in().token.longest_hours)
    hours, name = visit.text("hours", 3), visit.text("name", 60)
    if not name:
        raise Invalid(visit.say(_NAME))
    if not hours.isascii() or not hours.isdigit() or not 1 <= int(hours) <= sign_in().token.longest_hours:
        raise Invalid(visit.say(_HOURS))
    standing = getattr(visit.request, "yba_standing", None)
    made = accounts.make_token(
        visit.conn, by=visit.by, account=account, name=name, hours=int(hours), proven=bool(standing and standing.proven),
        address=accounts.address_of(visit.request),
    )  # fmt: skip
    return shell.answer(visit, "token", made=made)


@open_to_all(_WHOSE)
def end(visit: Visit, token: UUID) -> HttpResponse:
    """End one."""
    if not visit.posted:
        return HttpResponseRedirect("/tokens")
    account = visit.request.user.pk
    if token not in {one.id for one in accounts.tokens_of(visit.conn, by=visit.by, account=account)}:
        raise NotFound(visit.say(_OVER))
    accounts.end_token(visit.conn, by=visit.by, account=account, token=token)
    return HttpResponseRedirect("/tokens?done=end")
