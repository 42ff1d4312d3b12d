"""The two models Django and allauth must know: who signs in, and the session of a browser. All other tables are tables.py's."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from yba.kit.ids import new_id


class People(BaseUserManager):  # type: ignore[misc]  # Django has no types of its own
    """Finds accounts by user name; they are made by ``join`` and by a citizen's first sign-in, nowhere else."""

    def get_by_natural_key(self, username: str) -> Any:  # noqa: ANN401  # a User
        """Find an account; names are kept in lower case."""
        return self.get(username=username.strip().lower())


class User(AbstractBaseUser):  # type: ignore[misc]  # same
    """One person who signs in. What the person may do stands in assignments, never here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=10, default="staff")  # staff | citizen
    display_name = models.CharField(max_length=120, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    person_id = models.UUIDField(null=True, unique=True)  # a citizen's own person
    demo = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    last_seen = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.CharField(max_length=120)
    password_set_at = models.DateTimeField(null=True)
    password_long = models.BooleanField(default=False)  # long enough to stand without a second factor
    must_change = models.BooleanField(default=False)
    disabled_at = models.DateTimeField(null=True)
    disabled_reason = models.CharField(max_length=200, blank=True, default="")

    objects = People()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        """The table."""

        db_table = "accounts_user"

    def get_full_name(self) -> str:
        """Return the name shown on pages."""
        return str(self.display_name or self.username)


class UserSession(AbstractBaseSession):  # type: ignore[misc]  # same
    """A browser's session; ``session_key`` is a hash, so that who reads the table cannot take a session over."""

    account = models.UUIDField(null=True, db_index=True)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    address = models.CharField(max_length=45, default="")
    browser = models.CharField(max_length=40, default="")  # "Firefox · Windows": no more of it than its owner needs to know it again

    class Meta:
        """The table."""

        db_table = "accounts_user_session"
