"""Attacks on the trail: the app role can do nothing to it but add; what the owner does to it is found, and named where it can be."""

# ruff: noqa: S608  tables and attacks are spelled here
import time

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yba import audit
from yba.audit import Note, Store, Tag, TroubleKind, chain, heads, keys
from yba.kit import Actor
from yba.kit.db import unit_of_work
from yba.kit.ids import new_id

OPERATOR = Actor.operator()
REFUSED = (psycopg.errors.InsufficientPrivilege, psycopg.errors.ObjectNotInPrerequisiteState)
MONTH = "record_access_" + time.strftime("%Y_%m", time.gmtime())
TOLD = "who, actor_kind, purpose, tag, about_type, about_id"
VALUES = "'user:x', 'user', 'p', 't', 'Patient', 'x'"


def write(count=5):
    with unit_of_work(by=OPERATOR) as conn:
        audit.note_many(conn, by=OPERATOR, rows=[Note(Tag.PAGE_READ, "Patient", str(i), new_id(), "01234", "a\tb\\\n") for i in range(count)])


@pytest.fixture
def sealed(database, var):
    """Three seals of five rows each, numbered 1 to 15."""
    for _ in range(3):
        write()
        audit.seal(by=OPERATOR)
    assert found() == []
    return database


def found(kinds_only=True):
    troubles = audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,)).troubles
    return [trouble.kind for trouble in troubles] if kinds_only else [(t.kind, t.seal, t.row) for t in troubles]


def as_owner(database, *statements):
    with database.as_owner() as conn:
        for statement in statements:
            conn.execute(statement)


APP_ATTACKS = [
    "UPDATE {t} SET who = 'user:nobody'",
    "UPDATE {t} SET at = now() - interval '1 day'",
    "DELETE FROM {t}",
    "TRUNCATE {t}",
    "DROP TABLE {t}",
    "SELECT * FROM {t}",
    "ALTER TABLE {t} ADD COLUMN x int",
    "ALTER TABLE {t} ALTER COLUMN at SET DEFAULT now() - interval '1 day'",
    "ALTER TABLE {t} DISABLE TRIGGER ALL",
    "ALTER TABLE {t} OWNER TO yba_app",
    "CREATE TRIGGER x BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE RULE x AS ON INSERT TO {t} DO INSTEAD NOTHING",
    "INSERT INTO {t} (id, " + TOLD + ") VALUES (7, " + VALUES + ")",
    "INSERT INTO {t} (at, " + TOLD + ") VALUES (now() - interval '1 day', " + VALUES + ")",
    "INSERT INTO {t} (transaction, " + TOLD + ") VALUES ('3', " + VALUES + ")",
    "INSERT INTO {t} VALUES ('3', now(), 7, " + VALUES + ")",
    "COPY {t} TO STDOUT",
    "COPY {t} FROM '/etc/passwd'",
    "GRANT ALL ON {t} TO yba_app WITH GRANT OPTION",
]


@pytest.mark.law("ANM-R11")
@pytest.mark.parametrize("table", ["record_access", "security", MONTH, "record_access_default"])
@pytest.mark.parametrize("act", APP_ATTACKS)
def test_the_app_role_cannot(conn, act, table):
    assert conn.execute("SELECT current_user").fetchone() == ("yba_app",)
    with pytest.raises(REFUSED), conn.transaction():  # noqa: PT012  see below
        conn.execute(act.format(t=table))
        if act.startswith("GRANT"):  # a grant that grants nothing is a warning only
            conn.execute(f"DELETE FROM {table}")


@pytest.mark.parametrize(
    "act",
    [
        "SELECT setval('audit_number', 1)",
        "ALTER SEQUENCE audit_number RESTART",
        "DROP SEQUENCE audit_number",
        "CREATE TABLE record_access_2001_01 PARTITION OF record_access FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')",
        f"ALTER TABLE record_access DETACH PARTITION {MONTH}",
        "CREATE TABLE mine (LIKE audit_event)",
        "SELECT audit_make_partition('record_access', '2001-01-01')",
        "CREATE OR REPLACE VIEW record_access_seen AS SELECT * FROM record_access WHERE false",
        "UPDATE record_access_seen SET who = ''",
        "DELETE FROM security_seen",
        "INSERT INTO audit_event (who) VALUES ('x')",
        "UPDATE audit_seal SET rows = 0",
        "DELETE FROM audit_seal",
        "TRUNCATE audit_seal",
        "DELETE FROM audit_anchor",
        "INSERT INTO audit_archive (store, first_number) VALUES ('security', 1)",
        "SET ROLE yba_owner",
        "SET session_replication_role = replica",
    ],
)
def test_the_app_role_cannot_go_round(conn, act):
    with pytest.raises(REFUSED), conn.transaction():
        conn.execute(act)


def test_a_table_of_ones_own_does_not_catch_what_the_owners_function_does(conn):
    """The function has its own search path: a temporary table of the same name is not taken for the store."""
    conn.execute("CREATE TEMP TABLE record_access (LIKE audit_event)")
    assert conn.execute("SELECT audit_prepare_partitions(7)").fetchone()[0] >= 0
    made = conn.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'pg_temp.record_access'::regclass").fetchone()
    assert made == (0,)


@pytest.mark.law("EMR-R12", "ANM-R11")
@pytest.mark.parametrize(
    ("act", "kind", "row"),
    [
        ("UPDATE record_access SET who = 'user:nobody' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("UPDATE record_access SET at = at + interval '1 microsecond' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("UPDATE record_access SET transaction = '3' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("UPDATE record_access SET detail = '{}' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("UPDATE record_access SET reason = '' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("UPDATE record_access SET version = '' WHERE id = 7", TroubleKind.ROW_CHANGED, 7),
        ("DELETE FROM record_access WHERE id = 7", TroubleKind.ROW_MISSING, None),
        ("DELETE FROM record_access WHERE id = 6", TroubleKind.ROW_MISSING, None),
        ("DELETE FROM record_access WHERE id BETWEEN 6 AND 10", TroubleKind.ROW_MISSING, None),
        (f"INSERT INTO record_access (id, {TOLD}) VALUES (7, {VALUES})", TroubleKind.ROW_ADDED, 7),
        (f"INSERT INTO record_access (id, {TOLD}) VALUES (-7, {VALUES})", TroubleKind.ROW_ADDED, -7),
        ("INSERT INTO record_access SELECT * FROM record_access WHERE id = 8", TroubleKind.ROW_CHANGED, 8),
    ],
)
def test_what_the_owner_does_to_a_row_is_named(sealed, act, kind, row):
    as_owner(sealed, act)
    (trouble,) = found(kinds_only=False) if "SELECT *" not in act else found(kinds_only=False)[-1:]
    assert trouble[0] in {kind, TroubleKind.ROW_ADDED} if "SELECT *" in act else trouble[0] == kind
    if trouble[0] != TroubleKind.ROW_ADDED or row != -7:
        assert trouble[1] == 2
    assert trouble[2] == row or "SELECT *" in act
    assert not audit.verify(by=OPERATOR).is_whole


def test_a_missing_row_is_placed_between_its_neighbours(sealed):
    as_owner(sealed, "DELETE FROM record_access WHERE id IN (7, 8)")
    (trouble,) = audit.verify(by=OPERATOR).troubles
    assert (trouble.kind, trouble.note) == (TroubleKind.ROW_MISSING, "2 giữa / between 6 · 9")


def test_rows_that_changed_places_are_found(sealed):
    """Each keeps its words and takes the other's number."""
    as_owner(
        sealed,
        "UPDATE record_access SET id = 100 WHERE id = 7",
        "UPDATE record_access SET id = 7 WHERE id = 8",
        "UPDATE record_access SET id = 8 WHERE id = 100",
    )
    assert found(kinds_only=False) == [(TroubleKind.ROW_CHANGED, 2, 7), (TroubleKind.ROW_CHANGED, 2, 8)]


def test_several_changes_are_each_named(sealed):
    as_owner(sealed, "UPDATE record_access SET who = 'x' WHERE id IN (2, 4, 13)", "DELETE FROM record_access WHERE id = 9")
    assert found(kinds_only=False) == [
        (TroubleKind.ROW_CHANGED, 1, 2), (TroubleKind.ROW_CHANGED, 1, 4), (TroubleKind.ROW_MISSING, 2, None), (TroubleKind.ROW_CHANGED, 3, 13),
    ]  # fmt: skip


def test_a_row_moved_to_the_other_store_is_found(sealed):
    as_owner(sealed, "WITH gone AS (DELETE FROM record_access WHERE id = 7 RETURNING *) INSERT INTO security SELECT * FROM gone")
    troubles = {(trouble.store, trouble.kind) for trouble in audit.verify(by=OPERATOR).troubles}
    assert ("record_access", TroubleKind.ROW_MISSING) in troubles


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("DELETE FROM audit_seal WHERE store = 'record_access' AND number = 2", {TroubleKind.SEAL_MISSING}),
        ("UPDATE audit_seal SET rows = rows WHERE false; UPDATE audit_seal SET sealed_at = now() WHERE number = 2", {TroubleKind.SEAL_CHANGED}),
        ("UPDATE audit_seal SET digests = repeat('x', 40)::bytea WHERE number = 2", {TroubleKind.SEAL_CHANGED}),
        (
            "UPDATE audit_seal SET head = sha256('x') WHERE number = 2",
            {TroubleKind.SEAL_CHANGED, TroubleKind.SIGNATURE_WRONG, TroubleKind.HEADS_DIFFER},
        ),
        ("UPDATE audit_seal SET signature = repeat('x', 64)::bytea WHERE number = 3", {TroubleKind.SIGNATURE_WRONG}),
        ("UPDATE audit_seal SET key = 'ffffffffffffffff' WHERE number = 3", {TroubleKind.KEY_UNKNOWN, TroubleKind.SEAL_CHANGED}),
        ("UPDATE audit_seal SET clock_went_back = NOT clock_went_back WHERE number = 3", {TroubleKind.SEAL_CHANGED, TroubleKind.CLOCK_WENT_BACK}),
    ],
)
def test_what_the_owner_does_to_a_seal_is_found(sealed, act, expected):
    as_owner(sealed, *act.split(";"))
    assert set(found()) == expected


def test_a_tail_cut_off_with_its_seals_is_found(sealed):
    as_owner(sealed, "DELETE FROM record_access WHERE id > 10", "DELETE FROM audit_seal WHERE number > 2")
    assert found(kinds_only=False) == [(TroubleKind.TAIL_CUT_OFF, 3, None)]
    write()
    audit.seal(by=OPERATOR)  # work goes on; the wound stays visible
    assert TroubleKind.HEADS_DIFFER in found()


def test_everything_deleted_is_found(sealed):
    as_owner(sealed, "TRUNCATE record_access", "TRUNCATE audit_seal")
    assert found(kinds_only=False) == [(TroubleKind.TAIL_CUT_OFF, 1, None)]


def forge(database, number, key):
    """Rewrite history from a seal on as somebody would who knows the code, with a key of his own."""
    name = keys.key_id(key.public_key())
    with database.as_owner() as conn:
        conn.execute("SET timezone = 'UTC'")
        conn.execute("SELECT set_config('yba.scope', 'all', false)")
        before = audit.sealing.store_seals.seal_numbered(conn, "record_access", number - 1)
        for seal in list(audit.sealing.store_seals.seals(conn, "record_access", number - 1)):
            with audit.sealing.store_seals.lines(conn, "record_access", seal.first_id, seal.last_id) as copy:
                content, row_digests = chain.read_batch(copy)
            made = seal._replace(
                content=content, digests_sha=chain.hashlib.sha256(row_digests).digest(), rows=len(row_digests) // 8,
                previous=before.head if before else chain.START, key=name,
            )  # fmt: skip
            made = made._replace(head=chain.head_of(made))
            conn.execute("DELETE FROM audit_seal WHERE store = 'record_access' AND number = %s", (seal.number,))
            made = made._replace(signature=key.sign(made.head))
            audit.sealing.store_seals.add(conn, made, row_digests)
            before = made


def test_a_chain_rebuilt_with_another_key_is_found(sealed):
    as_owner(sealed, "UPDATE record_access SET who = 'user:nobody' WHERE id = 7")
    forge(sealed, 2, Ed25519PrivateKey.generate())
    assert set(found()) == {TroubleKind.KEY_UNKNOWN, TroubleKind.HEADS_DIFFER}


def test_a_chain_rebuilt_with_the_stolen_key_is_found_by_the_log_outside(sealed):
    as_owner(sealed, "UPDATE record_access SET who = 'user:nobody' WHERE id = 7")
    forge(sealed, 2, keys.signing_key())
    assert set(found()) == {TroubleKind.HEADS_DIFFER}


def test_a_line_of_the_log_that_was_changed_or_taken_out_is_found(sealed):
    before = heads.path().read_bytes()
    lines = before.splitlines(keepends=True)
    mine = [at for at, line in enumerate(lines) if line.startswith(b"record_access")]
    heads.path().write_bytes(before.replace(lines[mine[1]], b"rubbish\n"))
    assert TroubleKind.HEADS_DIFFER in found()
    heads.path().write_bytes(b"".join(line for at, line in enumerate(lines) if at != mine[1]))
    assert found() != []


def test_an_archive_that_was_only_claimed_is_found(sealed):
    """Rows are deleted and the table of archives says they were archived: it is signed, and this is not."""
    as_owner(
        sealed,
        "DELETE FROM record_access WHERE id <= 10",
        "INSERT INTO audit_archive VALUES ('record_access', 1, 2, 10, 10, 'x', sha256('x'), true, 'k', 'k', now())",
    )
    assert TroubleKind.ARCHIVE_WRONG in found()


def test_since_looks_at_the_later_seals_only(sealed):
    as_owner(sealed, "UPDATE record_access SET who = 'x' WHERE id IN (2, 13)")
    with sealed.as_owner() as conn:
        (third,) = conn.execute("SELECT sealed_at FROM audit_seal WHERE store = 'record_access' AND number = 3").fetchone()
    verdict = audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,), since=third)
    assert [(t.seal, t.row) for t in verdict.troubles] == [(3, 13)]
    assert verdict.rows == 5


def test_one_row_among_200_000_is_named(database, var):
    with database.connect() as app:
        app.execute(
            f"INSERT INTO record_access ({TOLD}, person_id) SELECT 'user:x', 'user', 'p', 't', 'Patient', i::text, gen_random_uuid()"
            " FROM generate_series(1, 200000) i"
        )
    assert audit.seal(by=OPERATOR).rows == 200_000
    verdict = audit.verify(by=OPERATOR, stores=(Store.RECORD_ACCESS,))
    assert (verdict.rows, verdict.troubles) == (200_000, ())
    as_owner(database, "UPDATE record_access SET about_id = '0' WHERE id = 123456")
    assert found(kinds_only=False) == [(TroubleKind.ROW_CHANGED, 7, 123456)]
