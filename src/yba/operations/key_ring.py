"""Managing the key ring: every act needs the right to, and is noted in the security log before it takes effect."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba import access, accounts, audit, ingest, warehouse
from yba.access import Right
from yba.audit import Tag
from yba.identity import registers
from yba.kit import clock, keys
from yba.kit.db import unit_of_work
from yba.kit.errors import Conflict, YbaError
from yba.kit.ids import installation_key
from yba.kit.keys import Purpose

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from yba.kit.actor import Actor

_SETTLED: Final = timedelta(hours=1)  # no process still writes with the version before: each looks at the ring at every use
_OUTLIVED: Final = timedelta(days=2)  # longer than any session lives (specs/sign_in.toml: 12 hours)


@dataclass(frozen=True, slots=True)
class RingLine:
    """One version as people see it; ``uses`` is what it still opens, None where that is not counted."""

    name: str
    made: str
    state: str  # newest | opens | retired
    wrapped: bool
    uses: int | None


def ring_lines(*, by: Actor) -> list[RingLine]:
    """List every version with its state and what in the database it opens."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    uses = _uses(by)
    newest = {key.purpose: key.version for key in keys.ring().versions() if not key.retired}
    return [
        RingLine(
            key.name,
            key.made.isoformat(timespec="seconds"),
            "retired" if key.retired else "newest" if newest[key.purpose] == key.version else "opens",
            key.wrapped,
            uses[key.purpose].get(key.version, 0) if key.purpose in uses else None,
        )
        for key in keys.ring().versions()
    ]


def rotate_key(*, by: Actor, purpose: Purpose) -> str:
    """Make a new version of a key; returns its name."""
    _note(by, "rotate", purpose.value)
    return keys.ring().rotate(purpose).name


def rewrap_keys(*, by: Actor, progress: Callable[[int], object] | None = None) -> tuple[int, int]:
    """Wrap keys of originals, seal replies of registers and secrets of accounts anew by the newest versions: (keys and replies, secrets)."""
    _note(by, "rewrap", "sealing secrets")
    wrapped = ingest.rewrap(by=by, progress=progress) + registers.reseal_replies(by=by)
    if warehouse.key_versions():
        warehouse.compact(by=by, types=(), rewrap=True)
    with unit_of_work(by=by) as conn:
        return wrapped, accounts.reseal_secrets(conn, by=by)


def retire_key(*, by: Actor, purpose: Purpose, version: int) -> None:
    """Destroy an old version for good. Raises Conflict while something needs it or its successor is too young."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    used = _uses(by).get(purpose, {}).get(version, 0)
    if used:
        raise Conflict(f"{purpose}-{version} still opens {used} things.", advice="Run `yba keys rewrap` first.")
    later = [key.made for key in keys.ring().versions() if key.purpose is purpose and key.version > version and not key.retired]
    wait = _OUTLIVED if purpose is Purpose.SESSIONS else _SETTLED
    if later and clock.now() - min(later) < wait:
        raise Conflict(f"The key after {purpose}-{version} is younger than {wait}.", advice="Try again later: somebody may still use the old one.")
    _note(by, "retire", f"{purpose}-{version}")
    keys.ring().retire(purpose, version)


def protect_keys(*, by: Actor, phrase: bytes) -> int:
    """Wrap the ring's files by a passphrase, or change the passphrase; returns how many files were plain before."""
    _note(by, "protect", "")
    return keys.ring().protect(phrase)


def export_keys(*, by: Actor, target: Path, phrase: bytes) -> int:
    """Write all keys into one sealed file; returns how many files it holds."""
    _note(by, "export", "")
    return keys.export_bundle(keys.ring(), target, phrase)


def check_keys(*, by: Actor) -> list[str]:
    """Return what is wrong with the keys, in Vietnamese; nothing = every key the data need is there and only its owner can read it."""
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    folder = keys.ring().folder
    faults = [f"{path.name}: người khác đọc được (chmod 600)" for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_mode & 0o077]
    try:
        installation_key()
        opens = {(key.purpose, key.version) for key in keys.Ring(folder).versions() if not key.retired}
    except YbaError as error:
        return [*faults, str(error)]
    for purpose, counted in _uses(by).items():
        faults += [
            f"{purpose}-{version}: không còn, nhưng {count} mục cần nó" for version, count in counted.items() if (purpose, version) not in opens
        ]
    return faults


def _uses(by: Actor) -> dict[Purpose, dict[int, int]]:
    with unit_of_work(by=by) as conn:
        secrets, replies = accounts.secret_versions(conn, by=by), registers.reply_versions(conn, by=by)
    sealed = dict(Counter(ingest.key_versions(by=by)) + Counter(replies))
    return {Purpose.SEALING: sealed, Purpose.SECRETS: secrets, Purpose.LAKE: warehouse.key_versions()}


def _note(by: Actor, act: str, key: str) -> None:
    access.require(by, Right.OPERATIONS_KEY_MANAGE)
    with unit_of_work(by=by) as conn:
        audit.note(conn, by=by, tag=Tag.KEY_MANAGE, about_type="Key", about_id=key, detail={"act": act})
