"""Rebuild a claim from the record and its residue, never from the original."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from yba import access, audit, record
from yba.access import Right
from yba.kit import clock, ids
from yba.kit.db import reading
from yba.kit.errors import NotFound
from yba.specs.claims_writer import write_assessment, write_envelope

from . import store
from .claims_xml import ASSESSMENT
from .landing.vault import RESIDUE, Vault
from .mapping import read, unmap

if TYPE_CHECKING:
    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Row
    from .stored import StoredClaim


def export_claim(*, by: Actor, facility: str, link: str) -> bytes:
    """The claim in force as a GIAMDINHHS file, a medical assessment as a file of its own.

    NotFound when there is none within reach; Denied without the right.
    """
    with reading(by=by) as conn:
        seen = access.predicate(conn, by=by, right=Right.INGEST_CLAIM_EXPORT, columns=store.CLAIM)
        wanted = [ids.derived(kind, facility, link) for kind in ("claim", "assessment")]
        found = next((one for id_ in wanted if (one := store.claim(conn, id_, seen)) is not None), None)
        if found is None or found.withdrawn:
            raise NotFound(f"Không có hồ sơ {link[:100]!r} của cơ sở {facility[:20]!r}.")
        tables = rebuild(conn, Vault.open(), found, by=by)
        audit.note(
            conn, by=by, tag=audit.Tag.INGEST_CLAIM_EXPORT, about_type="Claim", about_id=str(found.id), person_id=found.person_id, facility=facility
        )
    if "XML1" not in tables and ASSESSMENT in tables:
        return write_assessment(found.decision, tables[ASSESSMENT])
    return write_envelope(found.decision, facility, clock.today().strftime("%Y%m%d"), [tables])


def rebuild(conn: Connection[Any], vault: Vault, claim: StoredClaim, *, by: Actor) -> dict[str, list[Row]]:
    """The raw rows of a claim by table, from current resources and the sealed residue of its version."""
    kept = store.residue(conn, claim.id, claim.version)
    if kept is None:
        raise NotFound("Phần dư của phiên bản này không còn.")
    landing, body = kept
    segment = store.segment(conn, landing >> store.ORDINAL_BITS, store.ordinal_of(landing))
    if segment is None or segment[1] is None:
        raise NotFound("Khoá của hồ sơ này đã được huỷ theo hạn lưu trữ; không dựng lại được nguyên văn.")
    key = vault.sealer.unwrap(segment[1])
    residue = orjson.loads(vault.opened(key, body, RESIDUE))
    stored = record.of_source(conn, by=by, source_id=claim.id)
    return unmap([read(one.json) for one in stored if not one.deleted], residue)
