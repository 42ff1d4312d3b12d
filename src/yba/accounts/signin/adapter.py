"""What allauth asks of us: words in Vietnamese and English, our lock-out, the trail, and no way in but ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter

from yba import audit
from yba.accounts import limits, store_people
from yba.accounts.model import Refused
from yba.audit import Tag
from yba.kit import clock
from yba.kit.actor import Actor
from yba.kit.db import unit_of_work

from .backend import ASSURED, GATE, REFUSED
from .origin import address_of, browser_of, origin_of
from .secret import factor_plain, factor_secret
from .texts import later

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from yba.accounts.models import User

_WRONG = later("Tên đăng nhập hoặc mật khẩu không đúng.", "The user name or the password is not right.")
_CODE = later("Mã không đúng hoặc đã dùng.", "The code is not right or was used.")


class PeopleAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types of its own
    """allauth's account adapter."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _WRONG,
        "enter_current_password": later("Nhập mật khẩu hiện tại.", "Enter your present password."),
        "incorrect_code": _CODE,
        "incorrect_password": later("Mật khẩu không đúng.", "The password is not right."),
        "invalid_login": _WRONG,
        "too_many_login_attempts": later(
            "Đã thử sai quá nhiều lần. Hãy đợi ít phút rồi thử lại.", "Too many failed attempts. Wait a few minutes and try again."
        ),
        "username_password_mismatch": _WRONG,
        "rate_limited": later("Thao tác quá nhanh, hãy đợi một chút.", "Too fast: wait a moment."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  # allauth's signature
        """Nobody opens an account by oneself: administrators do, and a citizen's first sign-in through the identity provider."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401  # same
        """Leave lock-out to our backend, which knows hospitals' addresses."""

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:  # noqa: ANN401  # same
        """Prove a password; one refused before it was looked at says so."""
        user = super().authenticate(request, **credentials)
        if user is None and isinstance(getattr(request, REFUSED, None), Refused):
            raise self.validation_error("too_many_login_attempts")
        return user  # type: ignore[no-any-return]  # same

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:  # noqa: ANN401  # same
        """Counted and noted by the backend already."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the caller's address."""
        return address_of(request) or "0.0.0.0"  # noqa: S104  # nothing is bound to it

    def login(self, request: HttpRequest, user: User) -> None:
        """Open the session under a new key and note it; what a stranger knew of the old key is worth nothing."""
        super().login(request, user)
        now = clock.now()
        request.session["started"] = request.session["seen"] = now.timestamp()
        request.session["address"], request.session["browser"] = address_of(request), browser_of(request)
        request.session[ASSURED] = getattr(request, ASSURED, "")
        actor = Actor.user(user.id, (), purpose="operation", origin=origin_of(request))
        with unit_of_work(by=GATE) as conn:
            store_people.seen(conn, user.id, at=now)
            attempt = limits.admit(conn, username=user.username, address=address_of(request))
            if not isinstance(attempt, Refused):
                limits.succeeded(conn, attempt=attempt, account=user.id)
            how = [record.get("method", "") for record in request.session.get("account_authentication_methods", [])]
            _note(conn, actor, Tag.SIGN_IN, user, {"address": address_of(request), "how": how})

    def logout(self, request: HttpRequest) -> None:
        """End the session and note it."""
        user = request.user
        if user.is_authenticated:
            with unit_of_work(by=GATE) as conn:
                _note(conn, Actor.user(user.id, (), purpose="operation", origin=origin_of(request)), Tag.SIGN_OUT, user, {})
        super().logout(request)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Send a disabled account back to the sign-in page with the same words as a wrong password."""
        self.add_message(request, 40, message=str(_WRONG))
        return super().respond_user_inactive(request, user)

    def set_password(self, user: User, password: str) -> None:
        """Set a password (its history is kept by the validators) and note it."""
        super().set_password(user, password)
        with unit_of_work(by=GATE) as conn:
            _note(conn, Actor.user(user.id, (), purpose="operation"), Tag.PASSWORD_CHANGE, user, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing: accounts are opened and recovered in person."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # same
    """allauth's adapter of second factors: secrets are kept encrypted."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _CODE,
        "cannot_delete_authenticator": later("Vai trò của bạn bắt buộc xác thực hai lớp.", "Your role needs a second factor."),
        "cannot_generate_recovery_codes": later("Hãy thiết lập xác thực hai lớp trước.", "Set up a second factor first."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for keeping."""
        return factor_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt a kept secret."""
        return factor_plain(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Return the name an authenticator app shows."""
        return "Y ba"


def _note(conn: Any, by: Actor, tag: Tag, user: User, detail: dict[str, Any]) -> None:  # noqa: ANN401  # a connection
    audit.note(conn, by=by, tag=tag, about_type="Account", about_id=str(user.id), detail=detail)
