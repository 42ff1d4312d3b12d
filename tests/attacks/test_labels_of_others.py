"""A restricted label seen under a narrow rule (one's own patients) opens no label of others within reach of a wide one (the whole clinic).

Both locks tell the two apart. Three things are proved here: no road of the record shows the label of another, row security alone does not
either, and no statement of the platform reads the record without the first lock.
"""

import ast
import re
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from psycopg.errors import InsufficientPrivilege

import yba
from tests.attacks.conftest import AN, BINH, OURS, asked, condition, patient, put, visits
from yba import access, record
from yba.access import Denied, RelationKind, Right, UnitKind
from yba.fhir import search
from yba.kit import Actor, Grant, clock, new_id
from yba.specs import access as specs

HERE = Path(yba.__file__).parent
ACCOUNT = new_id()
OFFICER = Actor.user(ACCOUNT, [Grant("programme-officer", frozenset({OURS}))], purpose="public-health")
READERS = {
    "record/store/read.py",
    "record/page/store.py",
    "record/store/searching.py",
    "record/store/leading.py",
    "record/store/rest_history.py",
    "record/store/added.py",
    "record/store/changed.py",
    "record/store/by_refs.py",
    "record/store/by_person.py",
}
# They hand out ids and people; a document only to whoever holds the row for writing, which is looked up under a right of its own (`permitted`).
# Labels across acts are made of documents of the people written about; nothing of these is handed out (record.beside).
WRITERS = {"record/store/write.py", "record/store/secondary.py", "record/store/moving.py", "record/store/rest.py", "record/store/visits.py"}
WRITERS |= {"record/store/beside.py"}
BENCHES = {"operations/bench_warehouse.py"}  # synthetic rows copied by the owner, in a data folder of the bench's own; nothing is handed out
_TABLE = re.compile(r"\b(?:FROM|JOIN|USING|UPDATE)\s+(?:ONLY\s+)?(resource|resource_history|resource_seen)\b")


@pytest.fixture
def clinic(database):
    """An's treatment is in the officer's own hands, Bình's in the clinic's: both have HIV, with its label, and high blood pressure."""
    for person, name, label in ((AN, "NGUYỄN VĂN AN", 1), (BINH, "TRẦN THỊ BÌNH", 1)):
        put(patient(person, name), condition(label, person, "B20", labels=["hiv"]), condition(2, person, "I10"))
        visits(person, OURS, kind=RelationKind.ENROLMENT)
    visits_of_hand(AN)
    return database


def visits_of_hand(person):
    visits(person, str(ACCOUNT), kind=RelationKind.ENROLMENT, unit=UnitKind.USER)


def codes(found):
    return sorted(one.doc["code"]["coding"][0]["code"] for one in found if one.rtype == "Condition")


def read(conn, by, person, right=Right.RECORD_CLINICAL_READ):
    assert access.holds(by, right)
    return record.of_person(conn, by=by, person_id=person)


def test_one_sees_the_label_of_the_own_patient_and_not_of_the_clinics(clinic):
    assert asked(OFFICER, lambda conn: codes(read(conn, OFFICER, AN))) == ["B20", "I10"]
    assert asked(OFFICER, lambda conn: codes(read(conn, OFFICER, BINH))) == ["I10"]
    both = asked(OFFICER, lambda conn: (codes(read(conn, OFFICER, AN)), codes(read(conn, OFFICER, BINH))))
    assert both == (["B20", "I10"], ["I10"]), "also when the first has opened the label in the same unit of work"


def test_no_road_of_the_record_shows_it(clinic):
    hidden = condition(1, BINH, "B20")
    token = search.token("code", "http://hl7.org/fhir/sid/icd-10", "B20")

    def roads(conn):
        read(conn, OFFICER, AN)  # the label is open now
        yield record.get(conn, by=OFFICER, rtype="Condition", id=hidden.id)
        yield record.history(conn, by=OFFICER, rtype="Condition", id=hidden.id)
        yield [one for one in record.with_tokens(conn, by=OFFICER, rtype="Condition", tokens=[token]) if one.person_id == BINH]
        yield "B20" in record.as_text(record.page_of(conn, by=OFFICER, person_id=BINH), today=clock.today())

    assert not any(asked(OFFICER, lambda conn: list(roads(conn))))
    with pytest.raises(Denied):
        asked(OFFICER, lambda conn: record.of_source(conn, by=OFFICER, source_id=BINH))
    with pytest.raises(Denied):
        asked(OFFICER, lambda conn: record.bundle_of(conn, by=OFFICER, person_id=BINH))


def test_row_security_alone_does_not_show_it_either(clinic):
    """A statement that forgot the first lock: in reach are both records, of restricted categories the own patient's alone."""

    def forgotten(conn):
        for person in (AN, BINH):
            read(conn, OFFICER, person)
        for table in ("resource", "resource_seen"):
            yield {tuple(row) for row in conn.execute(f"SELECT person_id, labels IS NOT NULL FROM {table}")}  # noqa: S608  # a name of the line above

    assert asked(OFFICER, lambda conn: list(forgotten(conn))) == 2 * [{(AN, False), (AN, True), (BINH, False)}]


def test_history_and_what_stands_in_another_record_open_for_whom_it_is_open(clinic):
    """Row security finds out whose an earlier version is now, and that a child's certificate stands in its mother's record too."""
    child = UUID(int=0xC)
    birth = replace(condition(9, child, "B20", labels=["hiv"]), also=(AN,))
    put(birth, *(condition(1, whose, "B21", labels=["hiv"]) for whose in (AN, BINH)))
    kept = asked(OFFICER, lambda conn: (read(conn, OFFICER, AN), read(conn, OFFICER, BINH), bare(conn)))[-1]
    assert kept == {("resource", AN), ("resource", child), ("resource_history", AN)}


def bare(conn):
    """Labelled rows that row security alone lets through: (table, whose)."""
    found = conn.execute(
        "SELECT 'resource', person_id FROM resource WHERE labels IS NOT NULL UNION SELECT 'resource_history', person_id FROM resource_history WHERE labels IS NOT NULL"
    )
    return {tuple(row) for row in found}


def statements():
    """Every text of the platform that names a table of the record as one it reads: (file, line, text)."""
    for path in sorted(HERE.rglob("*.py")):
        if "migrations" in path.parts:
            continue
        whole = ast.parse(path.read_text("utf-8"))
        pieces = {id(piece) for node in ast.walk(whole) if isinstance(node, ast.JoinedStr) for piece in node.values}
        for node in ast.walk(whole):
            if id(node) in pieces:
                continue
            text = node.value if isinstance(node, ast.Constant) else ast.unparse(node) if isinstance(node, ast.JoinedStr) else ""
            if isinstance(text, str) and _TABLE.search(text):
                yield path.relative_to(HERE).as_posix(), node.lineno, text


def hands_out(text):
    """Whether a statement gives more than ids, types and whether there is something (of a search: whom to look at under the predicate)."""
    return re.search(r"\bdoc\b|\{stored\}|\*|\blabels\b|\bcount\b", text) is not None


def test_no_statement_reads_the_record_without_the_first_lock():
    found = list(statements())
    assert {path for path, _, _ in found} <= READERS | WRITERS | BENCHES, "a new home of SQL over the record: its reads need {seen}"
    bare = [(path, line) for path, line, text in found if path in READERS and not re.search(r"\{\{?seen\}?\}|AND \{\}", text) and hands_out(text)]
    whole = [text for path, _, text in found if path in READERS]
    assert len(whole) >= 7
    assert bare == []


def test_who_writes_the_record_is_no_person():
    writing = {Right.RECORD_RESOURCE_WRITE, Right.RECORD_RESOURCE_MOVE}
    assert {role.kind for role in specs.roles().values() for rule in role.may if writing & rule.rights} == {"machine"}


def test_the_parts_of_the_record_cannot_be_read_around_it(clinic):
    with clinic.connect() as conn:  # the app role
        parts = [row[0] for row in conn.execute("SELECT relid::regclass::text FROM pg_partition_tree('resource') WHERE level > 0")]
        assert parts
        for part in parts:
            with pytest.raises(InsufficientPrivilege), conn.transaction():
                conn.execute(f"SELECT doc FROM {part} LIMIT 1")  # noqa: S608  # a name from the catalogue
