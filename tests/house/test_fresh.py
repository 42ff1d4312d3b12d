"""The tests' own database: whatever a test left, the next one finds it as the migrations made it."""

from psycopg import sql

from tests.ingest.builder import file_of, tables
from yba import ingest
from yba.kit import Actor
from yba.kit.postgres.layout import SUPER_ROLE

_COUNTS = "SELECT count(*) FROM {}"


def _left(database):
    """Tables that hold rows, and sequences that moved."""
    with database.connect(SUPER_ROLE) as conn:
        names = [row[0] for row in conn.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")]
        filled = {name for name in names if conn.execute(sql.SQL(_COUNTS).format(sql.Identifier(name))).fetchone() != (0,)}
        return filled, set(conn.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL").fetchall())


def test_rows_counters_and_unlogged_tables_are_gone(database):
    before = _left(database)
    ingest.land(by=Actor.operator(), channel=ingest.Channel.FILE, data=file_of(tables("26.000001")))
    ingest.process(by=Actor.operator())
    with database.as_owner() as conn:
        conn.execute("INSERT INTO accounts_pace (watched, credit, seen_at) VALUES ('x', 1, now())")
    after = _left(database)
    assert {"claim_all", "accounts_pace"} < after[0], after[0]
    assert after[1] != before[1]
    database.renew()
    assert _left(database) == before


def test_a_table_that_changed_is_made_anew(database):
    with database.as_owner() as conn:
        conn.execute("ALTER TABLE claim ADD COLUMN extra int")
        conn.execute("CREATE UNLOGGED TABLE left_over (x int)")
    database.renew()
    with database.as_owner() as conn:
        assert conn.execute("SELECT count(*) FROM pg_attribute WHERE attname = 'extra' AND attrelid = 'claim'::regclass").fetchone() == (0,)
        assert conn.execute("SELECT to_regclass('left_over')").fetchone() == (None,)
