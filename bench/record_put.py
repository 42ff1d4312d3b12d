# ruff: noqa: E501, INP001  documents as they are read; a script, not a package
"""Measure the record: `put_many` of fresh resources as the app role, size per resource, one person's record, token search, plans.

Run: `YBA_VAR=/tmp/yba-bench python bench/record_put.py [--claims 8000] [--json]`. A database of its own is made in that data folder's
cluster with durable settings, filled, measured and dropped. Synthetic people only. One claim here is 25 resources.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import orjson
import psycopg

os.environ.setdefault("YBA_POSTGRES_LINGER", "600")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yba.app.settings")

from django.db import connections

from yba import app
from yba.app import migration
from yba.fhir import search
from yba.kit import Actor, postgres
from yba.kit.clock import VIETNAM
from yba.kit.db import OWNER, owner_connection, unit_of_work
from yba.kit.postgres.install import prepare_database
from yba.kit.postgres.layout import SUPER_ROLE
from yba.record import NOBODY, Put, of_person, of_source, put_many, with_tokens
from yba.record.lines import LOCATOR_COLUMNS, RESOURCE_COLUMNS, SIGNATURE, TRAILER, Writer
from yba.record.store import partition

NAME = "bench_record"
BATCH = 100  # claims a transaction
DICE = random.Random(1)  # noqa: S311  the same synthetic people every time
SERIALIZE_SINCE = 170000
LOINC, ICD, DRUG, SERVICE = (
    "http://loinc.org",
    "https://yba.vn/fhir/CodeSystem/icd10",
    "https://yba.vn/fhir/CodeSystem/drug",
    "https://yba.vn/fhir/CodeSystem/service",
)
START = datetime(2025, 1, 1, tzinfo=VIETNAM)

Doc = dict[str, Any]


def coded(system: str, code: str, display: str) -> Doc:
    """A CodeableConcept."""
    return {"coding": [{"system": system, "code": code, "display": display}], "text": display}


def claim(number: int) -> list[Put]:
    """The 25 resources of one visit, documents of about 600 bytes."""
    person, source = uuid.UUID(int=number // 4 * 7919 + 1), uuid.UUID(int=DICE.getrandbits(128))
    facility, minute = f"{1000 + number % 40:05}", START + timedelta(minutes=number * 3)
    patient, encounter, when = (
        f"Patient/{uuid.UUID(int=number // 4 + 10**30)}",
        f"Encounter/{uuid.UUID(int=DICE.getrandbits(128))}",
        minute.isoformat(),
    )
    about: Doc = {"subject": {"reference": patient}, "encounter": {"reference": encounter}}
    line = [
        {
            "url": "https://yba.vn/fhir/StructureDefinition/claim-line",
            "valueIdentifier": {"system": "https://yba.vn/fhir/sid/claim-line", "value": f"XML2|{number}"},
        }
    ]
    category = [coded("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory", "Laboratory")]
    docs: list[Doc] = [
        {"resourceType": "Encounter", "id": encounter[10:], "status": "finished", "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
         "identifier": [{"system": "https://yba.vn/fhir/sid/claim-link", "value": f"{facility}-{number}"}], "subject": about["subject"], "period": {"start": when, "end": when},
         "serviceProvider": {"reference": f"Organization/{facility}"}, "extension": line},
        {"resourceType": "Claim", "status": "active", "use": "claim", "patient": about["subject"], "billablePeriod": {"start": when, "end": when}, "created": when,
         "provider": {"reference": f"Organization/{facility}"}, "item": [{"sequence": n, "productOrService": coded(SERVICE, f"02.{n:04}", "Khám"), "net": {"value": 6300 * n, "currency": "VND"}} for n in range(1, 12)]},
        {"resourceType": "Coverage", "status": "active", "beneficiary": about["subject"], "period": {"start": "2025-01-01", "end": "2025-12-31"}, "subscriberId": f"DN479{number:010}"},
    ]  # fmt: skip
    docs += [
        {"resourceType": "Condition", **about, "recordedDate": when, "code": coded(ICD, f"I{DICE.randrange(100):02}", "Tăng huyết áp vô căn (nguyên phát)"), "extension": line,
         "clinicalStatus": coded("http://terminology.hl7.org/CodeSystem/condition-clinical", "active", "Active"), "category": category}
        for _ in range(3)
    ]  # fmt: skip
    docs += [
        {"resourceType": "MedicationDispense", "status": "completed", "subject": about["subject"], "context": about["encounter"], "whenHandedOver": when,
         "medicationCodeableConcept": coded(DRUG, f"40.{DICE.randrange(900)}", "Amlodipin 5mg viên nén"), "quantity": {"value": 28, "unit": "viên"}, "extension": line,
         "daysSupply": {"value": 28, "unit": "d"}, "dosageInstruction": [{"text": "Ngày uống 1 viên, chia 1 lần, sau ăn sáng"}]}
        for _ in range(7)
    ]  # fmt: skip
    docs += [
        {"resourceType": "Procedure", "status": "completed", **about, "performedDateTime": when, "code": coded(SERVICE, f"18.{DICE.randrange(900)}", "Siêu âm ổ bụng tổng quát"), "extension": line}
        for _ in range(4)
    ]  # fmt: skip
    docs += [
        {"resourceType": "Observation", "status": "final", **about, "effectiveDateTime": when, "code": coded(LOINC, f"{DICE.randrange(400)}-7", "Glucose [Moles/volume]"),
         "category": category, "valueQuantity": {"value": DICE.randrange(100) / 10, "unit": "mmol/L", "system": "http://unitsofmeasure.org"}, "extension": line}
        for _ in range(8)
    ]  # fmt: skip
    return [_put(doc, person, facility, source) for doc in docs]


def _put(doc: Doc, person: uuid.UUID, facility: str, source: uuid.UUID) -> Put:
    doc.setdefault("id", str(uuid.UUID(int=DICE.getrandbits(128))))
    found = search.index(doc["resourceType"], doc)
    return Put(
        doc["resourceType"], doc["id"], person, orjson.dumps(doc), found.tokens, found.start, found.end, facility, source, (), "2026.1", fresh=True
    )


def prepare() -> None:
    """Make the bench's database with all tables."""
    app.setup(migrate=False)
    endpoint = postgres.ensure()
    drop()
    prepare_database(endpoint, NAME)
    for alias in ("default", OWNER):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = NAME
    migration.migrate()


def drop() -> None:
    """Drop the bench's database."""
    connections.close_all()
    with psycopg.connect(**postgres.ensure().conninfo(SUPER_ROLE, "postgres"), autocommit=True) as conn:
        conn.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)".encode())


def fill(claims: int) -> dict[str, float]:
    """Put claims in batches; seconds inside `put_many` and commits, and of the bare COPY of the same lines, batch by batch in turn."""
    by, spent, documents, count, peak = Actor.system("bench"), [], 0, 0, 0.0
    for first in range(0, claims, BATCH):
        puts = [put for number in range(first, min(first + BATCH, claims)) for put in claim(number)]
        documents += sum(len(put.doc) for put in puts)
        count += len(puts)
        began = time.perf_counter()
        with unit_of_work(by=by) as conn:
            put_many(conn, by=by, puts=puts)
        spent.append(time.perf_counter() - began)
    tenth = max(1, len(spent) // 10)
    peak = sum(spent)
    return {
        "resources": count,
        "resources_per_s": count / peak,
        "document_bytes": documents / count,
        "last_over_first": sum(spent[-tenth:]) / sum(spent[:tenth]),
    }


def limit(claims: int) -> float:
    """Resources per second of a COPY of lines already made, into the same tables, by the owner's connection."""
    puts = [put for number in range(10**6, 10**6 + claims) for put in claim(number)]
    writer = Writer(START)
    rows: dict[str, list[bytes]] = {}
    for put in puts:
        rows.setdefault(partition(put.rtype), []).append(writer.resource(put))
    places = b"".join(writer.locator(put) for put in puts)
    with owner_connection() as conn:
        began = time.perf_counter()
        with conn.transaction(), conn.cursor() as cursor:
            for name, lines in rows.items():
                with cursor.copy(f"COPY {name} ({', '.join(RESOURCE_COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
                    copy.write(b"".join((SIGNATURE, *lines, TRAILER)))
            with cursor.copy(f"COPY locator_all ({', '.join(LOCATOR_COLUMNS)}) FROM STDIN (FORMAT BINARY)".encode()) as copy:
                copy.write(SIGNATURE + places + TRAILER)
        return len(puts) / (time.perf_counter() - began)


def sizes() -> dict[str, float]:
    """Bytes on disk of the record's tables and indexes after a vacuum."""
    with owner_connection() as conn:
        conn.execute("VACUUM ANALYZE")
        found = conn.execute(
            "SELECT CASE WHEN t.relname = 'locator_all' THEN 'locator ' WHEN t.relname LIKE 'resource_history%' THEN 'history ' ELSE '' END || "
            "CASE WHEN c.relkind = 'r' THEN 'table' ELSE regexp_replace(c.relname, '^.*_([a-z]+_(idx|at_idx|id_idx)|pkey)\\d*$', '\\1') END, "
            "sum(pg_relation_size(c.oid) + CASE WHEN c.reltoastrelid > 0 THEN pg_total_relation_size(c.reltoastrelid) ELSE 0 END)::float8 "
            "FROM pg_class c LEFT JOIN pg_index i ON i.indexrelid = c.oid JOIN pg_class t ON t.oid = coalesce(i.indrelid, c.oid) "
            "WHERE c.relkind IN ('r', 'i') AND t.relname ~ '^(resource|locator)' AND t.relkind = 'r' GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
    return {row[0]: row[1] for row in found}


def server_ms(statement: str, given: dict[str, Any]) -> tuple[float, str]:
    """Planning and execution time on the server, best of five, and the plan; rows are made into text as for a client."""
    best, text = 1e9, ""
    option = "SERIALIZE TEXT, " if connections["default"].pg_version >= SERIALIZE_SINCE else ""
    with unit_of_work(by=Actor.facility_client("01000")) as conn:
        conn.execute("SET LOCAL yba.scope = 'all'")
        for _ in range(5):
            plan = conn.execute(f"EXPLAIN (ANALYZE, {option}FORMAT JSON) {statement}".encode(), given).fetchone()[0]  # type: ignore[index]
            plan = orjson.loads(plan) if isinstance(plan, str) else plan
            took = plan[0]["Planning Time"] + plan[0]["Execution Time"] + plan[0].get("Serialization", {}).get("Time", 0)
            if took < best:
                best, text = took, orjson.dumps(plan).decode()
    return best, text


def thousand() -> dict[str, float]:
    """A record of 1,000 resources: server time and time to Python objects."""
    by, person = Actor.operator("bench"), uuid.UUID(int=2**100)
    puts = []
    for number in range(40):
        for put in claim(5 * 10**6 + number):
            put.person_id = person
            puts.append(put)
    with unit_of_work(by=by) as conn:
        put_many(conn, by=by, puts=puts)
    with owner_connection() as conn:
        conn.execute("ANALYZE resource")
    server, _ = server_ms(
        "SELECT rtype, id, person_id, version, updated, start_at, end_at, facility_id, source_id, labels, mapped_by, deleted, doc::text FROM resource WHERE person_id = %(p)s AND NOT deleted",
        {"p": person},
    )
    with unit_of_work(by=by) as conn:
        began = time.perf_counter()
        found = of_person(conn, by=by, person_id=person)
        docs = [one.doc for one in found]
        took = (time.perf_counter() - began) * 1000
        began = time.perf_counter()
        of_source(conn, by=by, source_id=puts[0].source_id or NOBODY)
        source = (time.perf_counter() - began) * 1000
    if len(docs) != len(puts):
        raise SystemExit("the record is not complete")
    return {"ms_per_1000": server, "ms_per_1000_python": took, "ms_of_source": source}


def searches() -> dict[str, float]:
    """A token search as the app role."""
    by = Actor.operator("bench")
    token = search.token("code", ICD, "I10")
    with unit_of_work(by=by) as conn:
        best = 1e9
        for _ in range(5):
            began = time.perf_counter()
            found = with_tokens(conn, by=by, rtype="Condition", tokens=[token], limit=50)
            best = min(best, (time.perf_counter() - began) * 1000)
    return {"search_ms": best, "search_found": len(found)}


def main() -> None:
    """Run everything and print the figures; one JSON line with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--claims", type=int, default=8000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", action="store_true", help="keep the database for a look by hand")
    chosen = parser.parse_args()
    prepare()
    figures: dict[str, float] = fill(chosen.claims)
    parts = sizes()
    figures["bytes_per_resource"] = sum(parts.values()) / figures["resources"]
    figures |= {f"bytes {name}": size / figures["resources"] for name, size in parts.items()}
    figures |= thousand() | searches()
    figures["copy_limit_per_s"] = limit(max(200, chosen.claims // 10))
    figures["copy_ratio"] = figures["resources_per_s"] / figures["copy_limit_per_s"]
    if not chosen.keep:
        drop()
    out = {name: round(value, 3) for name, value in figures.items()}
    sys.stdout.write(orjson.dumps(out).decode() + "\n" if chosen.json else "".join(f"{name:28} {value:>14,.2f}\n" for name, value in out.items()))


if __name__ == "__main__":
    main()
