"""Facilities' software: its accounts, a secret shown once, and taking one out of use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.http import HttpResponseRedirect

from yba import accounts
from yba.access import Right, needs
from yba.kit.errors import Invalid
from yba.web import shell
from yba.web.facilities import names
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from django.http import HttpResponse

    from yba.web.edge import Visit

_FACILITY: Final = re.compile(r"[0-9A-Z]{5}\Z")


_CODE: Final = _n("Mã cơ sở gồm 5 ký tự số hoặc chữ in hoa.")
_RIGHTS: Final = {"add": Right.ACCOUNTS_CLIENT_ADD, "reset": Right.ACCOUNTS_CLIENT_RESET, "disable": Right.ACCOUNTS_CLIENT_DISABLE}


@needs(Right.ACCOUNTS_CLIENT_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the clients within reach."""
    found = accounts.list_clients(visit.conn, by=visit.by)
    places = names(visit.conn, by=visit.by)(sorted({one.facility for one in found}))
    acts = {name: visit.may(right) for name, right in _RIGHTS.items()}
    return shell.answer(visit, "clients", found=found, places=places, acts=acts)


@needs(Right.ACCOUNTS_CLIENT_READ, Right.ACCOUNTS_CLIENT_ADD)
def add(visit: Visit) -> HttpResponse:
    """Open a facility's account; the secret is in this one answer and nowhere else."""
    if not visit.posted:
        return listed(visit)
    return shell.answer(visit, "secret", made=accounts.add_client(visit.conn, by=visit.by, facility=_facility(visit)))


@needs(Right.ACCOUNTS_CLIENT_READ, Right.ACCOUNTS_CLIENT_RESET)
def reset(visit: Visit) -> HttpResponse:
    """Give a facility's account a new secret, shown once."""
    if not visit.posted:
        return listed(visit)
    return shell.answer(visit, "secret", made=accounts.reset_secret(visit.conn, by=visit.by, facility=_facility(visit)))


@needs(Right.ACCOUNTS_CLIENT_READ, Right.ACCOUNTS_CLIENT_DISABLE)
def disable(visit: Visit) -> HttpResponse:
    """Take a facility's account out of use."""
    if not visit.posted:
        return listed(visit)
    accounts.disable_client(visit.conn, by=visit.by, facility=_facility(visit))
    return HttpResponseRedirect("/admin/clients?done=disable")


def _facility(visit: Visit) -> str:
    code = visit.text("facility", 20).upper()
    if not _FACILITY.match(code):
        raise Invalid(visit.say(_CODE))
    return code
