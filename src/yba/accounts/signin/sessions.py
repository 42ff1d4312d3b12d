"""Browser sessions in the database: bound to the account, kept by the hash of their key."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from yba.accounts import store_sessions
from yba.accounts.models import UserSession
from yba.kit.clock import VIETNAM
from yba.kit.db import glance


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

    def load(self) -> dict[str, Any]:
        """Return what the session holds, {} for one that is over. Asked at every page: one prepared statement, no query built by the ORM."""
        with glance() as conn:
            held = store_sessions.session_data(conn, kept(self.session_key), on=timezone.now())
        if held is None:
            self._session_key = None
            return {}
        return self.decode(held)  # type: ignore[no-any-return]  # same

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
