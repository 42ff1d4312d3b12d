"""The identity providers of this installation: VAR/keys/oidc.toml, read once, refused when it is not whole."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from yba.kit.errors import Invalid

if TYPE_CHECKING:
    from pathlib import Path

_NEEDED: Final = frozenset({"id", "for", "name", "issuer", "client_id", "secret", "claims", "levels", "minimum"})
_MORE: Final = frozenset({"scopes", "userinfo", "origins", "second_factor"})
_CLAIMS: Final = {"citizens": {"number", "name", "birth", "level"}, "staff": {"username", "level"}}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """One provider: for whom, which claims say what, and how sure it must be (``levels`` rise, ``minimum`` is one of them)."""

    id: str
    who: str  # citizens | staff
    name: str
    issuer: str
    client_id: str
    secret: str
    claims: dict[str, str]
    levels: tuple[str, ...]
    minimum: str
    scopes: tuple[str, ...]
    userinfo: bool
    origins: tuple[str, ...]
    second_factor: bool

    def sure_enough(self, level: str) -> bool:
        """Whether a level of assurance is known and reaches the minimum; none told reaches nothing."""
        return level in self.levels and self.levels.index(level) >= self.levels.index(self.minimum)


def read(path: Path) -> tuple[IdentityProvider, ...]:
    """Read the file; no file, no providers. Raises Invalid saying what to mend (a secret others can read, an unknown key, http)."""
    try:
        mode, text = path.stat().st_mode, path.read_text("utf-8")
    except FileNotFoundError:
        return ()
    if mode & 0o077:
        raise Invalid(f"{path.name} can be read by others.", advice=f"chmod 600 {path}")
    try:
        tables = tomllib.loads(text).get("provider", [])
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{path.name}: {error}") from None
    found = tuple(_provider(path.name, number, table) for number, table in enumerate(tables, 1))
    if len({one.id for one in found}) != len(found):
        raise Invalid(f"{path.name}: two providers have one id.")
    return found


def _provider(file: str, number: int, table: dict[str, Any]) -> IdentityProvider:
    where = f"{file}, provider {number}"
    if missing := _NEEDED - table.keys():
        raise Invalid(f"{where} does not say {', '.join(sorted(missing))}.")
    if unknown := table.keys() - _NEEDED - _MORE:
        raise Invalid(f"{where} has keys nobody reads: {', '.join(sorted(unknown))}.")
    wanted = _CLAIMS.get(table["for"])
    if wanted is None or table["claims"].keys() != wanted:
        raise Invalid(f"{where}: for is citizens (claims number, name, birth, level) or staff (claims username, level).")
    if table["minimum"] not in table["levels"]:
        raise Invalid(f"{where}: minimum is not one of its levels.")
    for address in (table["issuer"], *table.get("origins", ())):
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise Invalid(f"{where}: {address!r} is not https.")
    return IdentityProvider(
        id=table["id"],
        who=table["for"],
        name=table["name"],
        issuer=table["issuer"],
        client_id=table["client_id"],
        secret=table["secret"],
        claims=dict(table["claims"]),
        levels=tuple(map(str, table["levels"])),
        minimum=str(table["minimum"]),
        scopes=tuple(table.get("scopes", ("openid", "profile"))),
        userinfo=bool(table.get("userinfo", False)),
        origins=tuple(table.get("origins", ())),
        second_factor=bool(table.get("second_factor", table["for"] == "citizens")),
    )


def for_allauth(found: tuple[IdentityProvider, ...]) -> dict[str, Any]:
    """Return them as allauth's setting wants them."""
    apps = [
        {
            "provider_id": one.id,
            "name": one.name,
            "client_id": one.client_id,
            "secret": one.secret,
            "settings": {"server_url": one.issuer, "oauth_pkce_enabled": True, "scope": list(one.scopes), "who": one.who},
        }
        for one in found
    ]
    return {"openid_connect": {"provider_class": "yba.accounts.signin.oidc.Provider", "OAUTH_PKCE_ENABLED": True, "APPS": apps}}


def origins(found: tuple[IdentityProvider, ...]) -> list[str]:
    """Return where a sign-in form may lead: each provider's own origin and those told beside it."""
    told = [address for one in found for address in (one.issuer, *one.origins)]
    return sorted({f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, told)})
