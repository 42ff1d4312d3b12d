"""Browser sessions in the database: bound to the account, kept by the hash of their key."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.exceptions import SuspiciousOperation
from django.utils import timezone

from yba.accounts.models import UserSession
from yba.kit.clock import VIETNAM


def kept(key: str) -> str:
    """Return what is kept of a session key: 160 bits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


def _moment(stamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, VIETNAM) if stamp else None


class SessionStore(DatabaseStore):  # type: ignore[misc]  # Django has no types of its own
    """Django's store over accounts_user_session."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        """Return the table's model."""
        return UserSession

    def _get_session_from_db(self) -> UserSession | None:
        try:
            return self.model.objects.get(session_key=kept(self.session_key), expire_date__gt=timezone.now())  # type: ignore[no-any-return]  # same
        except (self.model.DoesNotExist, SuspiciousOperation):
            self._session_key = None
            return None

    def exists(self, session_key: str) -> bool:
        """Whether a key is in use."""
        return bool(super().exists(kept(session_key)))

    def create_model_instance(self, data: dict[str, Any]) -> UserSession:
        """Return the row of a session, with the account signed in."""
        row = super().create_model_instance(data)
        row.session_key = kept(row.session_key)
        row.account = data.get("_auth_user_id")
        row.started_at, row.seen_at = _moment(data.get("started")), _moment(data.get("seen"))
        row.address, row.browser = str(data.get("address", "")), str(data.get("browser", ""))
        return row  # type: ignore[no-any-return]  # same

    def delete(self, session_key: str | None = None) -> None:
        """Delete a session, this one unless told another."""
        key = session_key or self.session_key
        if key:
            super().delete(kept(key))
