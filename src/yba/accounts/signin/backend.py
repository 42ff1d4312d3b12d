"""Proves a password: the same answer and the same work whether the account exists, is disabled, locked or never was."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.hashers import check_password
from django.db import DEFAULT_DB_ALIAS

from yba.accounts import limits, store_people
from yba.accounts.actions import take_out_of_use
from yba.accounts.demo import demo_allowed
from yba.accounts.model import Refused
from yba.accounts.models import User
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import glance, unit_of_work
from yba.specs.sign_in import sign_in

from .origin import address_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest

GATE: Final = Actor.system("sign-in")
ASSURED: Final = "yba_assured"  # of a request, then of its session: whose person an identity provider proved well enough for a second factor
REFUSED: Final = "yba_refused"  # attribute of a request that was refused before its password was looked at


class PeopleBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types of its own
    """Django's way from user name and password to a user, and from a session to a user."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:  # noqa: ANN401  # Django's signature
        """Return the user of a right password; a lock or a pace too fast is left on the request as ``yba_refused``."""
        username, password = str(credentials.get("username") or ""), str(credentials.get("password") or "")
        if request is None or not username or not password or "\0" in username + password or len(password) > sign_in().password.longest:
            return None
        with unit_of_work(by=GATE) as conn:
            attempt = limits.admit(conn, username=username, address=address_of(request))
            if isinstance(attempt, Refused):
                setattr(request, REFUSED, attempt)
                return None
            user: User | None = User.objects.filter(username=attempt.username).first()
            proven = check_password(password, user.password if user else store_people.UNUSABLE)
            if user is None or not proven or not self.user_can_authenticate(user):
                limits.failed(conn, by=GATE, attempt=attempt, account=user.id if user else None, what="password")
                return None
            if _idle(user):
                take_out_of_use(conn, by=GATE, account=user.id, reason=f"{sign_in().account.idle_days} ngày không sử dụng")
                return None
            return user

    def get_user(self, user_id: UUID) -> User | None:
        """Return who a session belongs to, None when the account may not be used. Asked at every page: one prepared statement, no query built."""
        with glance() as conn:
            row = store_people.user_row(conn, user_id, _columns())
        user = User.from_db(DEFAULT_DB_ALIAS, _columns(), row) if row else None
        return user if user is not None and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User) -> bool:
        """Whether an account may be used at all: in use, and no demo account outside a demo data folder. Asked at every request."""
        return bool(user.is_active) and (not user.demo or demo_allowed())


@cache
def _columns() -> tuple[str, ...]:
    return tuple(each.column for each in User._meta.concrete_fields)  # noqa: SLF001  # Django's documented name


def _idle(user: User) -> bool:
    last = user.last_seen or user.created_at
    return bool(user.kind == "staff" and last < clock.now() - timedelta(days=sign_in().account.idle_days))
