"""What a new password must be: long enough for the account, not one of the last ten, not the name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError

from yba.accounts import store_people
from yba.kit import clock
from yba.kit.db import unit_of_work
from yba.kit.text import fold
from yba.specs.sign_in import sign_in

from .backend import GATE
from .texts import say

if TYPE_CHECKING:
    from yba.accounts.models import User

FACTORS: Final = ("totp", "webauthn")
_PART: Final = 4  # letters of a name from which on it may not stand in a password


class Length:
    """At least 14 characters, or 8 where a second factor is set up (ANM-R10)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when too short or too long."""
        rules = sign_in().password
        factor = user is not None and user.pk is not None and is_mfa_enabled(user, list(FACTORS))
        least = rules.shortest_with_factor if factor else rules.shortest_alone
        if not least <= len(password) <= rules.longest:
            raise ValidationError(
                say(
                    f"Mật khẩu phải có từ {least} đến {rules.longest} ký tự; một câu ngắn dễ nhớ là tốt nhất.",
                    f"A password has {least} to {rules.longest} characters; a short sentence is best.",
                )
            )

    def get_help_text(self) -> str:
        """Say what is wanted."""
        rules = sign_in().password
        return say(
            f"Ít nhất {rules.shortest_alone} ký tự ({rules.shortest_with_factor} nếu đã có xác thực hai lớp).",
            f"At least {rules.shortest_alone} characters ({rules.shortest_with_factor} with a second factor).",
        )


class NotTheName:
    """Neither the user name nor a part of the person's name."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError when a name of the account stands in it."""
        if user is None:
            return
        folded = fold(password)
        parts = [fold(user.username), *(part for part in fold(user.display_name).split() if len(part) >= _PART)]
        if any(part and part in folded for part in parts):
            raise ValidationError(say("Mật khẩu không được chứa tên của bạn.", "A password may not hold your name."))

    def get_help_text(self) -> str:
        """Say what is wanted."""
        return say("Không chứa tên của bạn.", "Without your name.")


class History:
    """Not one of the last ten; keeps them."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for an earlier password; about 0.1 s for each kept."""
        if user is None or user.pk is None:
            return
        with unit_of_work(by=GATE) as conn:
            kept = store_people.passwords(conn, user.pk)
        if any(check_password(password, encoded) for encoded in kept):
            count = sign_in().password.history
            raise ValidationError(say(f"Không dùng lại {count} mật khẩu gần nhất.", f"Not one of the last {count} passwords."))

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Keep a new password's hash, and when it was set; Django calls it once the user is saved."""
        if user is None or not user.has_usable_password():
            return
        rules = sign_in().password
        with unit_of_work(by=GATE) as conn:
            store_people.keep_password(
                conn, user.pk, encoded=user.password, at=clock.now(), long=len(password) >= rules.shortest_alone, keep=rules.history
            )

    def get_help_text(self) -> str:
        """Say what is wanted."""
        return say(f"Khác {sign_in().password.history} mật khẩu gần nhất.", f"Not one of the last {sign_in().password.history}.")
