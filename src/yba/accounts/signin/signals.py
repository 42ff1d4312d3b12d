"""What listens to allauth: every second factor added or removed is noted with the act, and a wrong code counts as a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added
from django.db.models.signals import post_delete, post_save

from yba import audit
from yba.audit import Tag
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from .backend import GATE
from .origin import address_of, origin_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

    from yba.accounts.models import User

_REAL = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def _added(instance: Authenticator, created: bool, **_: Any) -> None:  # noqa: FBT001, ANN401  # Django's signal
    if created:
        _note(Tag.FACTOR_ADD, instance.user_id, instance.type)


def _removed(instance: Authenticator, **_: Any) -> None:  # noqa: ANN401  # same
    _note(Tag.FACTOR_REMOVE, instance.user_id, instance.type)


def _proven(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:  # noqa: ANN401  # allauth's signal
    """Who has just set a factor up has just used it."""
    if authenticator.type in _REAL:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)


def _failed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:  # noqa: ANN401  # same
    detail = {"address": address_of(request), "type": authenticator.type}
    by = Actor.user(user.pk, (), purpose="operation", origin=origin_of(request))
    with unit_of_work(by=GATE) as conn:
        audit.note(conn, by=by, tag=Tag.SIGN_IN_REFUSED, about_type="Account", about_id=str(user.pk), reason="second factor", detail=detail)


def _note(tag: Tag, account: UUID, kind: str) -> None:
    by = Actor.user(account, (), purpose="operation")
    with unit_of_work(by=GATE) as conn:
        audit.note(conn, by=by, tag=tag, about_type="Account", about_id=str(account), detail={"type": kind})


post_save.connect(_added, sender=Authenticator)
post_delete.connect(_removed, sender=Authenticator)
authenticator_added.connect(_proven)
authentication_failed.connect(_failed)
