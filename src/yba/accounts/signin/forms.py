"""allauth's forms without its English placeholders, and with our words for two passwords that differ."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as FactorForm
from allauth.mfa.totp.forms import ActivateTOTPForm

from .texts import say


class Plain:
    """Fields are labelled by the template; a placeholder would only repeat it in another language."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # Django's signature
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class SignIn(Plain, LoginForm):  # type: ignore[misc]  # allauth has no types of its own
    """User name and password."""


class Again(Plain, ReauthenticateForm):  # type: ignore[misc]  # same
    """The password once more."""


class NewPassword(Plain, ChangePasswordForm):  # type: ignore[misc]  # same
    """The old password and the new one twice."""

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        given: dict[str, Any] = super().clean()
        if given.get("password1") and "password2" in self.errors and self.data.get("password2"):
            self.errors["password2"] = self.error_class([say("Hai lần nhập không giống nhau.", "The two are not the same.")])
        return given


class Factor(Plain, AuthenticateForm):  # type: ignore[misc]  # same
    """A code of the second factor."""


class FactorAgain(Plain, FactorForm):  # type: ignore[misc]  # same
    """A code once more."""


class NewApp(Plain, ActivateTOTPForm):  # type: ignore[misc]  # same
    """The first code of a new app."""
