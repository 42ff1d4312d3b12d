"""Django's settings, made from ours (yba.kit.settings): read by Django, by nobody else."""

from __future__ import annotations

from typing import Any

from psycopg.conninfo import conninfo_to_dict

from yba.accounts import PROXIES, providers
from yba.kit import keys, postgres
from yba.kit import settings as ours
from yba.kit.db import APP_ROLE, OWNER, OWNER_ROLE
from yba.specs.sign_in import sign_in

from . import rooms


def _database(url: str, role: str) -> dict[str, Any]:
    """Return Django's description of the database, signed in as one role."""
    endpoint = None if url else postgres.endpoint_or_none()
    info = {k: str(v) for k, v in conninfo_to_dict(url).items()} if url else endpoint.conninfo(role) if endpoint else {"dbname": "yba"}
    named = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    # Server-side binding and preparing: the same few statements run all day.
    options: dict[str, Any] = {k: v for k, v in info.items() if k not in named}
    options |= {"server_side_binding": True, "prepare_threshold": 5, "application_name": role}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "OPTIONS": options,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        **{named[k]: v for k, v in info.items() if k in named},
    }


DATABASES = {"default": _database(ours.DATABASE_URL(), APP_ROLE), OWNER: _database(ours.DATABASE_OWNER_URL() or ours.DATABASE_URL(), OWNER_ROLE)}

INSTALLED_APPS = [
    *rooms.apps(),  # first: our templates go before allauth's
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "yba_has_none"  # handlers are joined at the roof, not discovered
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY, _older = keys.session_secrets()
SECRET_KEY_FALLBACKS = list(_older)
DEBUG = ours.DEBUG()
ALLOWED_HOSTS = list(ours.HOSTS())

ROOT_URLCONF = "yba.app.urls"
WSGI_APPLICATION = "yba.app.wsgi.application"
MIDDLEWARE = [
    "yba.app.shield.Headers",
    "yba.app.shield.Proxies",
    "yba.app.shield.Size",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yba.accounts.signin.guard.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "yba.app.shield.Limits",
    "allauth.account.middleware.AccountMiddleware",
    "yba.accounts.signin.guard.Guard",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "yba.accounts.signin.context.demo",
            ]
        },
    }
]
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "yba.app.shield.csrf"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 << 20  # a claims file comes as one form field; the gateway sets its own, smaller limit

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["yba.accounts.signin.backend.PeopleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [{"NAME": f"yba.accounts.signin.validators.{name}"} for name in ("Length", "NotTheName", "History")] + [
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"}
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/accounts/login/"

# Always Secure: a browser takes loopback for secure too. How long a session lives is the guard's; this is the outer bound.
SESSION_ENGINE = "yba.accounts.signin.sessions"
SESSION_COOKIE_NAME = "__Host-yba"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_AGE = sign_in().session.longest_hours * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-yba-form"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES() else None
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # accounts are opened and recovered in person
# Shared by all processes: used one-time codes and paces of the second factor.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "accounts_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

ACCOUNT_ADAPTER = "yba.accounts.signin.adapter.PeopleAdapter"
ACCOUNT_FORMS = {
    "login": "yba.accounts.signin.forms.SignIn",
    "reauthenticate": "yba.accounts.signin.forms.Again",
    "change_password": "yba.accounts.signin.forms.NewPassword",
}
MFA_FORMS = {
    "authenticate": "yba.accounts.signin.forms.Factor",
    "reauthenticate": "yba.accounts.signin.forms.FactorAgain",
    "activate_totp": "yba.accounts.signin.forms.NewApp",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "5/300s/key", "reauthenticate": "10/m/user", "change_password": "10/m/user"}
MFA_ADAPTER = "yba.accounts.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # telephones' clocks run a little apart

SOCIALACCOUNT_ADAPTER = "yba.accounts.signin.bind.BindAdapter"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
YBA_PROVIDERS = providers.read(ours.VAR() / "keys" / "oidc.toml")
YBA_IDENTITY_PROVIDERS = providers.origins(YBA_PROVIDERS)
SOCIALACCOUNT_PROVIDERS = providers.for_allauth(YBA_PROVIDERS)
YBA_CITIZEN_FINDER = "yba.app.citizens.person_of"

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
USE_I18N = True
STATIC_URL = "static/"

LOGGING_CONFIG = None  # yba.kit.log does it
