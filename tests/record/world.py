"""Whole worlds for the tests of merging: claims through the front door, and everything that is known afterwards, table by table."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from tests.ingest.builder import file_of
from yba import identity, ingest, record
from yba.kit import Actor
from yba.kit.db import reading, unit_of_work

OPERATOR = Actor.operator()
SECOND = Actor.system("second", "administration")


def take(*made: Any, by: Actor = OPERATOR) -> ingest.Landing:
    """Send claims and process them."""
    landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=file_of(*made))
    ingest.process(by=by)
    return landing


def people() -> list[UUID]:
    """Everybody who lives, in the order of making."""
    with reading(by=OPERATOR) as conn:
        return [row[0] for row in conn.execute("SELECT id FROM person WHERE merged_into IS NULL ORDER BY created_at, id")]


def merge(keep: UUID, drop: UUID, *, reason: str = "một người", by: Actor = OPERATOR) -> record.Done:
    """Merge two people, whatever a second person would say."""
    with unit_of_work(by=by) as conn:
        plan = identity.plan_merge(conn, by=by, keep=keep, drop=drop, reason=reason)
        if not plan.needs_second:
            return record.carry_out(conn, by=by, plan=plan)
        proposal = identity.propose(conn, by=SECOND, plan=plan)
        return record.approve(conn, by=by, proposal=proposal.id)


def split(person: UUID, sources: Any, *, reason: str = "hai người", by: Actor = OPERATOR) -> record.Done:
    """Split sources out of a person."""
    with unit_of_work(by=by) as conn:
        plan = identity.plan_split(conn, by=by, person=person, sources=sources, reason=reason)
        return record.carry_out(conn, by=by, plan=plan)


def undo(act: int, *, reason: str = "nhầm", by: Actor = OPERATOR) -> record.Done:
    """Take an act back."""
    with unit_of_work(by=by) as conn:
        return record.carry_out(conn, by=by, plan=identity.plan_undo(conn, by=by, act=act, reason=reason))


def export(facility: str, link: str) -> bytes:
    """A claim as it is exported."""
    return ingest.export_claim(by=OPERATOR, facility=facility, link=link)


_TABLES = {
    "resource": "SELECT rtype, id::text, given_id, person_id::text, start_at, end_at, source_id::text, facility_id, mapped_by, labels, tokens,"
    " deleted, doc::text FROM resource",
    "locator": "SELECT key::text, person_id::text, facility_id FROM locator",
    "secondary": "SELECT person_id::text, key::text, source_id::text, rtype, id FROM secondary",
    "visit_link": "SELECT key::text, person_id::text, id, primary_id, facility_id, channel, primary_channel, labels, start_at, end_at FROM visit_link",
    "person": "SELECT id::text, merged_into::text, vital_status, golden_digest FROM person",
    "person_source": "SELECT facility, local_id, variant, person_id::text, patient_id::text, sent::text, kept::text, seen_at, sequence, withdrawn"
    " FROM person_source",
    "identifier": "SELECT * FROM identifier",
    "identifier_owner": "SELECT type, value, person_id::text, sequence, claimed, since FROM identifier_owner",
    "review_item": "SELECT id::text, kind, persons::text, facility, local_id, state FROM review_item",
    "relation": "SELECT person_id::text, unit, kind, source_id::text, start_at, end_at, ground_type, ground_id FROM relation WHERE void_at IS NULL",
    "person_alias": "SELECT was::text, now::text FROM person_alias",
    "person_link": "SELECT person_id::text, kind, other::text, since, facility, local_id FROM person_link",
    "household_member": "SELECT household::text, person_id::text, relation, since, until FROM household_member",
    "claim": "SELECT id::text, person_id::text, patient_id::text, withdrawn, facility, link, source FROM claim",
    "match_row": "SELECT person_id::text, digest FROM match_row",
}


def snapshot() -> dict[str, list[Any]]:
    """Everything that is known, in one order; versions of golden and source Patients count up with every act and are left out."""
    found: dict[str, list[Any]] = {}
    with reading(by=OPERATOR) as conn:
        for table, query in _TABLES.items():
            found[table] = sorted(map(repr, conn.execute(query.encode()).fetchall()))
        living = [row[0] for row in conn.execute("SELECT id FROM person ORDER BY id")]
        for person in living:
            try:
                bundle = orjson.loads(record.bundle_of(conn, by=OPERATOR, person_id=person))
            except Exception as error:  # noqa: BLE001  whatever it says is part of what is known
                found[f"bundle {person}"] = [repr(error)]
                continue
            entries = [{**entry["resource"], "meta": None} for entry in bundle["entry"]]
            found[f"bundle {person}"] = sorted(orjson.dumps(entry).decode() for entry in entries)
            found[f"page {person}"] = [repr(record.page_of(conn, by=OPERATOR, person_id=person))]
        found["history"] = sorted(
            repr(row)
            for row in conn.execute(
                "SELECT rtype, id::text, version, deleted FROM resource WHERE rtype <> 'Patient'"
                " UNION ALL SELECT rtype, id::text, version, deleted FROM resource_history WHERE rtype <> 'Patient'"
            )
        )
    return found
