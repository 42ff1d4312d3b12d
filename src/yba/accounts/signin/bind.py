"""Which account is it? A citizen's by the citizen number, a member of staff's by the name the administrator gave; refused politely otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.shortcuts import render
from django.utils.module_loading import import_string

from yba import audit
from yba.accounts import store_people
from yba.accounts.citizens import CITIZEN, open_citizen
from yba.accounts.demo import demo_allowed
from yba.accounts.models import User
from yba.audit import Tag
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, NotFound

from .backend import ASSURED, GATE
from .oidc import same_nonce, told
from .origin import address_of
from .texts import later, say

if TYPE_CHECKING:
    from uuid import UUID

    from allauth.socialaccount.models import SocialLogin
    from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
    from django.http import HttpRequest

    from .providers import IdentityProvider

_NOBODY: Final = later(
    "Chưa có hồ sơ nào mang số định danh của bạn. Hãy đến trạm y tế nơi cư trú.", "No record holds your number yet. Please ask your health station."
)
_DOUBT: Final = later(
    "Số định danh của bạn đang cần đối chiếu. Hãy đến trạm y tế nơi cư trú để sửa hồ sơ.",
    "Your number needs to be checked. Please ask your health station to mend your record.",
)


class BindAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """allauth's adapter of identity providers."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind the subject to the one account it belongs to, or refuse with the reason in words."""
        provider = told(sociallogin.account.provider)
        if not same_nonce(sociallogin):
            raise _refused(request, provider, "nonce", say("Câu trả lời không khớp với phiên này.", "The answer does not belong to this session."))
        if not provider.sure_enough(str(sociallogin.claims.get(provider.claims["level"], ""))):
            raise _refused(
                request,
                provider,
                "level of assurance",
                say(
                    "Tài khoản định danh chưa đủ mức xác thực. Hãy nâng mức tại cơ quan công an.",
                    "Your electronic identity is not of a sufficient level yet.",
                ),
            )
        user = _citizen(request, sociallogin, provider) if provider.who == "citizens" else _staff(request, sociallogin, provider)
        known = sociallogin.user.pk if sociallogin.is_existing else None
        if known is not None and known != user.pk:
            raise _refused(request, provider, "bound to another account", _contact())
        if known is None:
            # A subject that comes anew to an account bound before was issued again, or is somebody else: people look at that.
            if SocialAccount.objects.filter(user_id=user.pk, provider=provider.id).exists():
                raise _refused(request, provider, "account bound to another subject", _contact())
            sociallogin.user = user
            sociallogin.save(request, connect=True)
        if not user.is_active or (user.demo and not demo_allowed()):
            raise _refused(request, provider, "account not in use", _contact())
        setattr(request, ASSURED, str(user.pk) if provider.second_factor else "")

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: OpenIDConnectProvider,
        error: object = None,
        exception: Exception | None = None,
        extra_context: object = None,  # noqa: ARG002  # allauth's signature
    ) -> None:
        """Note an answer that could not be believed; allauth shows the page."""
        _note(told(provider.app.provider_id), f"{error or ''} {type(exception).__name__ if exception else ''}".strip(), address_of(request))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002  # same
        """Never by a form."""
        return False

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # same
        """Send nothing."""


def _citizen(request: HttpRequest, login: SocialLogin, provider: IdentityProvider) -> User:
    said = {key: str(login.claims.get(claim) or "").strip() for key, claim in provider.claims.items()}
    finder = import_string(settings.YBA_CITIZEN_FINDER)
    with unit_of_work(by=GATE) as conn:
        try:
            person: UUID = finder(conn, by=GATE, number=said["number"], name=said["name"], birth=said["birth"])
        except (NotFound, Conflict) as reason:
            account = None
            why = ("no person", _NOBODY) if isinstance(reason, NotFound) else ("person in doubt", _DOUBT)
        else:
            account = open_citizen(conn, by=GATE, person_id=person, display_name=said["name"])
    if account is None:  # refused out here: what the search left in the trail stays
        raise _refused(request, provider, why[0], str(why[1]))
    user: User = User.objects.get(pk=account)
    return user


def _staff(request: HttpRequest, login: SocialLogin, provider: IdentityProvider) -> User:
    name = str(login.claims.get(provider.claims["username"]) or "").strip().lower()
    user: User | None = User.objects.filter(username=name).exclude(kind=CITIZEN).first() if name else None
    if user is None:
        raise _refused(request, provider, "no account", _contact())
    return user


def _contact() -> str:
    return say("Chưa mở được tài khoản này. Hãy liên hệ quản trị viên của cơ sở.", "This account could not be opened. Please ask your administrator.")


def _refused(request: HttpRequest, provider: IdentityProvider, why: str, words: str) -> ImmediateHttpResponse:
    _note(provider, why, address_of(request))
    return ImmediateHttpResponse(render(request, "socialaccount/authentication_error.html", {"why": words}, status=403))


def _note(provider: IdentityProvider, why: str, address: str) -> None:
    """Note a refusal; claims are somebody's data and not written down. At a pace, so that the trail cannot be filled from outside."""
    with unit_of_work(by=GATE) as conn:
        if store_people.may_note(conn, f"oidc {address}"):
            detail = {"provider": provider.id, "address": address}
            audit.note(conn, by=GATE, tag=Tag.SIGN_IN_REFUSED, about_type="Account", about_id="", reason=why[:200], detail=detail)
