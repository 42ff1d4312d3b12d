"""The addresses of signing in: of allauth's only those that are meant, each in a unit of work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.urls import URLPattern, path

from yba.access import open_to_all

from .signin import oidc, views
from .signin.unit import asks_first, in_unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

_OPEN = open_to_all("signing in and the own credentials: each page proves whom it serves by itself")


def _at(address: str, view: Callable[..., HttpResponse], name: str, *, unit: Callable[..., Callable[..., HttpResponse]] = in_unit) -> URLPattern:
    return path(f"accounts/{address}", _OPEN(unit(view)), name=name)


urlpatterns = [
    _at("login/", account.login, "account_login"),
    _at("logout/", account.logout, "account_logout"),
    _at("reauthenticate/", account.reauthenticate, "account_reauthenticate"),
    _at("password/change/", account.password_change, "account_change_password"),
    _at("recover/", views.recover, "account_reset_password"),
    _at("second-factor/", mfa.index, "mfa_index"),
    _at("second-factor/authenticate/", mfa.authenticate, "mfa_authenticate"),
    _at("second-factor/reauthenticate/", mfa.reauthenticate, "mfa_reauthenticate"),
    _at("second-factor/app/", totp.activate_totp, "mfa_activate_totp"),
    _at("second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp"),
    _at("second-factor/codes/", codes.view_recovery_codes, "mfa_view_recovery_codes"),
    _at("second-factor/codes/new/", codes.generate_recovery_codes, "mfa_generate_recovery_codes"),
    _at("second-factor/codes/download/", codes.download_recovery_codes, "mfa_download_recovery_codes"),
    _at("second-factor/passkeys/", webauthn.list_webauthn, "mfa_list_webauthn"),
    _at("second-factor/passkeys/add/", webauthn.add_webauthn, "mfa_add_webauthn"),
    _at("second-factor/passkeys/reauthenticate/", webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    _at("second-factor/passkeys/login/", webauthn.login_webauthn, "mfa_login_webauthn"),
    _at("second-factor/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, "mfa_remove_webauthn"),
    _at("second-factor/passkeys/<int:pk>/edit/", webauthn.edit_webauthn, "mfa_edit_webauthn"),
    _at("stuck/", views.stuck, "accounts_stuck"),
    _at("oidc/<slug:provider_id>/login/", oidc.start, "openid_connect_login", unit=asks_first),
    _at("oidc/<slug:provider_id>/login/callback/", oidc.callback, "openid_connect_callback", unit=asks_first),
    _at("oidc/cancelled/", social.login_cancelled, "socialaccount_login_cancelled"),
    _at("oidc/error/", social.login_error, "socialaccount_login_error"),
    # Names allauth asks for; accounts are opened and closed by people.
    path("accounts/closed/", _OPEN(views.closed), name="account_signup"),
    path("accounts/closed/", _OPEN(views.closed), name="account_inactive"),
    path("accounts/closed/", _OPEN(views.closed), name="socialaccount_signup"),
    path("accounts/asset/<str:name>", _OPEN(views.asset), name="accounts_asset"),
]
