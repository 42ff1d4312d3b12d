"""Settings: declared once with a type, a default and a meaning; read once from the environment; a wrong value says what to write."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar
from urllib.parse import urlsplit

from .errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class Setting(Generic[T]):
    """One setting: call it to get its value; the environment is read at the first call."""

    def __init__(self, name: str, parse: Callable[[str], T], default: str, meaning: str, write: str) -> None:
        """Keep name, parser, default as it would be written, meaning for the docs, and what may be written."""
        self.name, self.parse, self.default, self.meaning, self.write = name, parse, default, meaning, write
        self._value: list[T] = []

    def __call__(self) -> T:
        """Return the typed value; raises Invalid with what to write when the environment holds something else."""
        if not self._value:
            self._value.append(self._read())
        return self._value[0]

    def _read(self) -> T:
        raw = os.environ.get(self.name, "").strip() or self.default
        try:
            return self.parse(raw)
        except ValueError:
            message = f"{self.name}={raw!r} cannot be used."
            raise Invalid(message, advice=f"Write {self.write}.") from None

    @contextmanager
    def set_to(self, value: T) -> Iterator[None]:
        """Hold another value for a test."""
        before, self._value = self._value, [value]
        try:
            yield
        finally:
            self._value = before


REGISTRY: Final[dict[str, Setting[object]]] = {}


def declare(name: str, parse: Callable[[str], T], *, default: str, meaning: str, write: str) -> Setting[T]:
    """Declare a setting; every declared one must stand in docs/settings.md (a house test reads both)."""
    if name in REGISTRY or not name.startswith("YBA_"):
        message = f"setting {name} is declared twice or does not begin with YBA_"
        raise Invalid(message)
    setting = Setting(name, parse, default, meaning, write)
    REGISTRY[name] = setting  # type: ignore[assignment]  # a Setting[T] is read here only as Setting[object]
    return setting


def text(raw: str) -> str:
    """Parse free text."""
    return raw


def whole(raw: str) -> int:
    """Parse a whole number that is not negative."""
    value = int(raw)
    if value < 0:
        raise ValueError(raw)
    return value


def yes_no(raw: str) -> bool:
    """Parse yes or no."""
    known = {"yes": True, "1": True, "true": True, "on": True, "no": False, "0": False, "false": False, "off": False}
    try:
        return known[raw.lower()]
    except KeyError:
        raise ValueError(raw) from None


def words(raw: str) -> tuple[str, ...]:
    """Parse a list separated by commas; empty parts fall away."""
    return tuple(part.strip() for part in raw.split(",") if part.strip())


def folder(raw: str) -> Path:
    """Parse a path and make it absolute."""
    return Path(raw).expanduser().absolute()


def postgres_url(raw: str) -> str:
    """Parse the address of a PostgreSQL database; empty means the embedded one."""
    if raw and (urlsplit(raw).scheme not in {"postgresql", "postgres"} or not urlsplit(raw).path.strip("/")):
        raise ValueError(raw)
    return raw


def one_of(*allowed: str) -> Callable[[str], str]:
    """Return a parser that accepts one of a few words."""

    def parse(raw: str) -> str:
        if raw.lower() not in allowed:
            raise ValueError(raw)
        return raw.lower()

    return parse


VAR: Final = declare(
    "YBA_VAR",
    folder,
    default="var",
    meaning="Data folder: keys, embedded database, originals, logs.",
    write="a path, for example /srv/yba",
)
DATABASE_URL: Final = declare(
    "YBA_DATABASE_URL",
    postgres_url,
    default="",
    meaning="PostgreSQL (15 or newer) to use instead of the embedded one, signed in as the role yba_app.",
    write="postgresql://yba_app:PASSWORD@HOST:5432/yba, or leave it empty for the embedded server",
)
DATABASE_OWNER_URL: Final = declare(
    "YBA_DATABASE_OWNER_URL",
    postgres_url,
    default="",
    meaning="The same database signed in as the role yba_owner; needed by `yba migrate` only.",
    write="postgresql://yba_owner:PASSWORD@HOST:5432/yba",
)
POSTGRES_USER: Final = declare(
    "YBA_POSTGRES_USER",
    text,
    default="",
    meaning="System user under which the embedded PostgreSQL runs when yba is started by root; empty: the first of yba, postgres, nobody.",
    write="the name of an existing system user that is not root",
)
POSTGRES_BIN: Final = declare(
    "YBA_POSTGRES_BIN",
    text,
    default="",
    meaning="Folder of other PostgreSQL programs (15 or newer) to run instead of the embedded ones, in the same way.",
    write="a path, for example /usr/lib/postgresql/15/bin",
)
POSTGRES_LINGER: Final = declare(
    "YBA_POSTGRES_LINGER",
    whole,
    default="20",
    meaning="Seconds the embedded PostgreSQL stays up after its last user is gone.",
    write="a whole number of seconds, for example 20",
)
LIKENESS: Final = declare(
    "YBA_LIKENESS",
    one_of("link", "review", "off"),
    default="link",
    meaning="What the weights of identity may do with a claim whose numbers nobody has: link it to its person, open a doubt for a clerk, or nothing.",
    write="link, review or off",
)
SEARCH_SCAN: Final = declare(
    "YBA_SEARCH_SCAN",
    whole,
    default="10000",
    meaning="Resources that one search may read and judge one by one where its parameters are not indexed; above it the search is refused.",
    write="a whole number, for example 10000",
)
FHIR_PLACEHOLDERS: Final = declare(
    "YBA_FHIR_PLACEHOLDERS",
    yes_no,
    default="yes",
    meaning="A facility's software may write of a Patient that was not sent yet: a person is kept ready until it comes. no: such a write is refused.",
    write="yes or no",
)
FHIR_REASONS: Final = declare(
    "YBA_FHIR_REASONS",
    yes_no,
    default="no",
    meaning="Whether a client of the FHIR API must say why it changes or deletes what was recorded; a reason that is given is kept either way.",
    write="yes or no",
)
LOG_LEVEL: Final = declare(
    "YBA_LOG_LEVEL", one_of("debug", "info", "warning", "error"), default="info", meaning="How much is logged.", write="debug, info, warning or error"
)
DEBUG: Final = declare("YBA_DEBUG", yes_no, default="no", meaning="Django's debug pages; never on a machine others reach.", write="yes or no")
HOSTS: Final = declare(
    "YBA_HOSTS",
    words,
    default="localhost,127.0.0.1,[::1]",
    meaning="Host names under which pages and gateway may be called.",
    write="names separated by commas, for example yba.dienbien.gov.vn,localhost",
)
KEYS_PASSPHRASE_FILE: Final = declare(
    "YBA_KEYS_PASSPHRASE_FILE",
    text,
    default="",
    meaning="File (mode 0600) with the passphrase that wraps the key ring; empty: the systemd credential yba-keys, else none.",
    write="the path of a file with at least 20 characters, outside the data folder",
)
