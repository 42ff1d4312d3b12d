"""The cold archive: sealed months as Parquet with their seals, verified where they lie before anything leaves the live tables."""

from __future__ import annotations

import base64
import hashlib
import shutil
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit import clock
from yba.kit.db import may_migrate, owner_connection, unit_of_work
from yba.kit.durable import to_disk
from yba.kit.errors import Conflict, Unavailable

from . import parquet, store_archive, store_seals
from .actions import note
from .archived import Archived, archives_of
from .keys import key_id, public_pem, signing_key
from .tags import Store, Tag
from .verify_archive import MANIFEST, ROWS, SEALS, verify_archive

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .chain import Seal

_MODE: Final = 0o700


def archive(*, by: Actor, store: Store, before: datetime, out: Path, detach: bool = False) -> Archived | None:
    """Write what was sealed before the month of ``before`` and is not archived yet to a folder below ``out``; None when there is nothing.

    The folder holds rows.parquet, seals.jsonl, manifest.json (signed) and the public key; it appears under its name only once it verified.
    ``detach``: then the owner takes these months out of the live tables, all or nothing; without it the folder is a copy.
    Raises Unavailable without the owner's role, Conflict when the folder is there or the archive does not verify.
    """
    if detach and not may_migrate():
        raise Unavailable("detaching needs the owner's role.", advice="Set YBA_DATABASE_OWNER_URL.")
    month = before.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with unit_of_work(by=by) as conn:
        store_seals.as_lines(conn)
        seals = _due(conn, store.value, month)
        if not seals:
            return None
        name = f"{store.value}-{seals[0].number:08}-{seals[-1].number:08}"
        draft = _draft_folder(out, name)
        try:
            made = _write(conn, draft, name, seals, detached=detach)
        except BaseException:
            shutil.rmtree(draft)
            raise
    verdict = verify_archive(draft)
    if not verdict.is_whole:
        raise Conflict(f"the archive in {draft} does not verify; nothing was detached.", advice=str(verdict.troubles[0]))
    draft.rename(out / name)
    if detach:
        with owner_connection() as owner, owner.transaction():
            store_archive.detach(owner, made, month)
    with unit_of_work(by=by) as conn:
        detail = {"rows": made.rows, "name": name, "detached": detach}
        note(conn, by=by, tag=Tag.STORE_ARCHIVE, about_type="AuditStore", about_id=store.value, detail=detail)
    return made


def archived_before(conn: Connection[Any], *, by: Actor, store: Store = Store.RECORD_ACCESS) -> datetime | None:  # noqa: ARG001  every query says who
    """Return the moment up to which rows of a store lie in archives only; None when all are in the live tables."""
    gone = archives_of(conn, store.value)
    if not gone:
        return None
    last = store_seals.seal_numbered(conn, store.value, gone[-1].last_number)
    return last.sealed_at if last else None


def _due(conn: Connection[Any], store: str, month: datetime) -> list[Seal]:
    """Return the seals after the last archive whose rows, without exception, are older than the month."""
    gone = archives_of(conn, store)
    found = []
    for seal in store_seals.seals(conn, store, gone[-1].last_number if gone else 0):
        if (seal.last_at or seal.sealed_at) >= month:
            break
        found.append(seal)
    return found if any(seal.rows for seal in found) else []


def _draft_folder(out: Path, name: str) -> Path:
    if (out / name).exists():
        raise Conflict(f"{out / name} is there already.")
    out.mkdir(parents=True, exist_ok=True, mode=_MODE)
    draft = out / f".{name}.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=_MODE)
    return draft


def _write(conn: Connection[Any], draft: Path, name: str, seals: list[Seal], *, detached: bool) -> Archived:
    """Write rows, seals, key and manifest, and bring them to disk."""
    first, last = seals[0], seals[-1]
    passing = draft / "rows.csv"
    with passing.open("wb") as file, store_archive.as_csv(conn, first.store, first.first_id, last.last_id, parquet.NULL) as copy:
        for data in copy:
            file.write(data)
    rows = parquet.write(passing, draft / ROWS)
    passing.unlink()
    (draft / SEALS).write_bytes(b"".join(_seal_line(conn, seal) for seal in seals))
    key = signing_key()
    made = Archived(
        first.store, first.number, last.number, last.last_id, rows, name, _sha256(draft / ROWS), detached, clock.now(), key_id(key.public_key())
    )
    made = made._replace(signature=key.sign(made.text()))
    (draft / f"audit-{made.key}.pub").write_bytes(public_pem(key.public_key()))
    (draft / MANIFEST).write_bytes(orjson.dumps(made._asdict(), default=_plain, option=orjson.OPT_INDENT_2) + b"\n")
    for path in draft.iterdir():
        to_disk(path)
    return made


def _seal_line(conn: Connection[Any], seal: Seal) -> bytes:
    kept = base64.b64encode(store_seals.digests_of(conn, seal.store, seal.number)).decode()
    return orjson.dumps({**seal._asdict(), "digests": kept}, default=_plain) + b"\n"


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError


def _sha256(path: Path) -> bytes:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
