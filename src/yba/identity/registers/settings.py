"""Where the registers are, and with which credentials: settings name an address and a file that only its owner may read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from yba.kit.errors import Invalid
from yba.kit.settings import declare, one_of, text, whole
from yba.specs.identity.registers import card, population

from .wire import LOOPBACK, Endpoint

if TYPE_CHECKING:
    from yba.kit.settings import Setting


def _address(raw: str) -> str:
    if not raw:
        return raw
    parts = urlsplit(raw)
    plain = parts.scheme == "http" and parts.hostname in LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(raw)
    return raw.rstrip("/")


def _pace(name: str, default: int, meaning: str) -> Setting[int]:
    return declare(name, whole, default=str(default), meaning=meaning, write="a whole number")


_WRITE_ADDRESS: Final = "an https address without user, question mark or fragment (http only for this machine), or leave it empty"
_WRITE_FILE: Final = "the path of a TOML file of mode 0600 outside the repository; docs/identity.md lists its keys"

POPULATION: Final = declare(
    "YBA_POPULATION",
    _address,
    default="",
    meaning="Address under which the national population database is reached (the axis, or the licensed provider); empty: it is never asked.",
    write=_WRITE_ADDRESS,
)
POPULATION_MODE: Final = declare(
    "YBA_POPULATION_MODE",
    one_of("direct", "licensed"),
    default="licensed",
    meaning="How it is asked: direct (a state body with a level-3 system and an agreement, NĐ 70/2024) or licensed (through a provider, NĐ 69/2024).",
    write="direct or licensed",
)
POPULATION_CREDENTIALS: Final = declare(
    "YBA_POPULATION_CREDENTIALS", text, default="", meaning="File with the credentials for the population database.", write=_WRITE_FILE
)
POPULATION_PER_MINUTE: Final = _pace(
    "YBA_POPULATION_PER_MINUTE", population().limits.per_minute, "Questions to the population database in one minute, by all processes together."
)
POPULATION_PER_DAY: Final = _pace("YBA_POPULATION_PER_DAY", population().limits.per_day, "Questions to the population database in one day.")
CARD: Final = declare(
    "YBA_CARD",
    _address,
    default="",
    meaning="Address of the insurer's gateway for card look-ups; empty: cards are never looked up, and claims are not judged by look-ups.",
    write=_WRITE_ADDRESS,
)
CARD_CREDENTIALS: Final = declare(
    "YBA_CARD_CREDENTIALS", text, default="", meaning="File with the credentials for the insurer's card look-up.", write=_WRITE_FILE
)
CARD_PER_MINUTE: Final = _pace("YBA_CARD_PER_MINUTE", card().limits.per_minute, "Card look-ups in one minute, by all processes together.")
CARD_PER_DAY: Final = _pace("YBA_CARD_PER_DAY", card().limits.per_day, "Card look-ups in one day.")
REGISTERS_CA: Final = declare(
    "YBA_REGISTERS_CA",
    text,
    default="",
    meaning="PEM file with the certificate authorities that registers' certificates must lead to; empty: those of the system.",
    write="a path, for example /srv/yba/keys/registers-ca.pem",
)


def endpoint(address: Setting[str]) -> Endpoint:
    """Return where a register is; raises Invalid when none is configured."""
    if not address():
        raise Invalid(f"Chưa cấu hình {address.name}.", advice="Xem docs/identity.md, mục Registers.")
    return Endpoint.of(address(), REGISTERS_CA())


def credentials(file: Setting[str], needed: frozenset[str], more: frozenset[str] = frozenset(), *, table: str = "") -> dict[str, str]:
    """Read a credentials file, or one ``table`` of it; raises Invalid saying what to mend: no file, readable by others, a missing or unknown key.

    Never names a value.
    """
    if not file():
        raise Invalid(f"Chưa cấu hình {file.name}.")
    path = Path(file())
    found = _read(file.name, path)
    if table:
        found = found.get(table, {})
        if not isinstance(found, dict) or not found:
            raise Invalid(f"{path.name} không có tài khoản của cơ sở {table}.")
    wrong = (needed - found.keys()) | (found.keys() - needed - more) | {key for key, value in found.items() if not isinstance(value, str)}
    if wrong:
        raise Invalid(f"{path.name}: thiếu, thừa hoặc không phải chữ: {', '.join(sorted(wrong))}.")
    return found


def _read(setting: str, path: Path) -> dict[str, Any]:
    try:
        mode, raw = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise Invalid(f"{setting}: {path.name} không đọc được ({type(error).__name__}).") from None
    if mode & 0o077:
        raise Invalid(f"{path.name} có thể bị người khác đọc.", advice=f"chmod 600 {path}")
    try:
        return tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise Invalid(f"{path.name} không phải TOML.") from None
