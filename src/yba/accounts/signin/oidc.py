"""OpenID Connect, stricter than allauth leaves it: PKCE, nonce, signature and issuer always checked, no parameters of the caller's."""

from __future__ import annotations

import json
from hmac import compare_digest
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any, Final

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import Http404
from requests import RequestException

from .unit import begin

if TYPE_CHECKING:
    from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
    from django.http import HttpRequest, HttpResponse

    from .providers import IdentityProvider

_SIGNED_BY: Final = ["RS256", "PS256", "ES256", "EdDSA"]  # never what the token says, never "none", never a shared secret
_LEEWAY: Final = 30  # seconds two clocks may differ
_MUST: Final = ["exp", "iat", "iss", "aud", "sub", "nonce"]


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]  # allauth has no types of its own
    """Speaks with one provider and believes nothing that is not signed for us."""

    @property
    def told(self) -> IdentityProvider:
        """What oidc.toml says of this provider."""
        return told(self.provider_id)

    @property
    def openid_config(self) -> dict[str, Any]:
        """The provider's own description; it must be the issuer we were told, or somebody stands between."""
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != self.told.issuer:
            raise OAuth2Error("the provider's description names another issuer")
        return config

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any) -> SocialLogin:  # noqa: ANN401  # allauth's
        """Check the id token, and take more claims from userinfo only when it speaks of the same subject."""
        if request.GET.get("iss") not in {None, self.told.issuer}:
            raise OAuth2Error("the answer came from another issuer")
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("no id token")
        claims = self._checked(id_token, app.client_id)
        if self.told.userinfo:
            more = self._fetch_user_info(token.token)
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("userinfo speaks of another subject")
            claims = {**more, **claims}
        begin(request)  # the provider has answered: from here on we write
        return self.get_provider().sociallogin_from_response(request, claims)

    def _checked(self, id_token: str, client_id: str) -> dict[str, Any]:
        try:
            head = jwt.get_unverified_header(id_token)
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(str(head.get("kid", "")), str(head.get("alg", ""))),
                algorithms=_SIGNED_BY,
                audience=client_id,
                issuer=self.told.issuer,
                leeway=_LEEWAY,
                options={"require": _MUST},
            )
        except (jwt.PyJWTError, ValueError, KeyError) as error:
            raise OAuth2Error(f"invalid id token: {type(error).__name__}") from error
        if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client_id:
            raise OAuth2Error("the id token was issued to another client")
        return claims

    def _key(self, kid: str, alg: str) -> jwt.PyJWK:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        for key in answer.json()["keys"]:
            if key.get("kid") == kid and key.get("use", "sig") == "sig" and key.get("alg", alg) == alg and alg in _SIGNED_BY:
                return jwt.PyJWK.from_json(json.dumps(key), algorithm=alg)
        raise OAuth2Error("the id token is signed by an unknown key")


class Provider(OpenIDConnectProvider):  # type: ignore[misc]  # same
    """One provider of oidc.toml as allauth knows it."""

    oauth2_adapter_class = Adapter

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any) -> HttpResponse:  # noqa: ANN401, ARG002  # allauth's
        """Send to the provider, always to sign in, with a fresh nonce kept in the session's state."""
        kwargs.pop("auth_params", None), kwargs.pop("scope", None)  # what the caller of the page added
        nonce = token_urlsafe(32)
        more = {"nonce": nonce, "acr_values": " ".join(told(self.app.provider_id).levels)}
        try:
            return super().redirect(request, "login", next_url, None, auth_params=more, scope=self.get_scope(), nonce=nonce, **kwargs)
        except (OAuth2Error, RequestException) as error:  # not there, or not who it should be
            return render_authentication_error(request, self, exception=error)

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """Make allauth's login of the claims, which are looked at and not kept: only the subject is."""
        login = super().sociallogin_from_response(request, response)
        login.claims = response
        return login

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return the subject."""
        return str(data["sub"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # allauth's
        """Keep nothing of the claims."""
        return {}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG002  # same
        """Take nothing for a new user."""
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:  # noqa: ARG002  # same
        """Take no addresses."""
        return []


def told(provider_id: str) -> IdentityProvider:
    """Return what oidc.toml says of a provider. Raises Http404 for an unknown one."""
    for one in settings.YBA_PROVIDERS:
        if one.id == provider_id:
            found: IdentityProvider = one
            return found
    raise Http404


def same_nonce(login: SocialLogin) -> bool:
    """Whether the id token answers the question this browser asked."""
    asked, answered = str((login.state or {}).get("nonce") or ""), str(login.claims.get("nonce") or "")
    return bool(asked) and compare_digest(asked, answered)


def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Leave for the provider."""
    told(provider_id)
    return OAuth2LoginView.adapter_view(Adapter(request, provider_id))(request)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from the provider."""
    told(provider_id)
    return OAuth2CallbackView.adapter_view(Adapter(request, provider_id))(request)
