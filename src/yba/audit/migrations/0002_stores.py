"""Part the trail into two stores in month partitions, readable through views behind row security only, and add the seals."""

from django.db import migrations

from yba.kit.row_security import seen

COLUMNS = "id, at, transaction, who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail"
ADDED = "address, port, device, role, under, outcome, version"
# What the app role tells of an act; number, time and transaction are the database's own, the same for every row of a store.
TOLD = "who, actor_kind, purpose, tag, about_type, about_id, person_id, facility, reason, detail, " + ADDED
SECURITY = (
    "accounts:account:add", "accounts:account:assign", "accounts:account:disable", "accounts:account:end", "accounts:account:read",
    "accounts:account:reset", "accounts:client:add", "accounts:client:disable", "accounts:client:reset", "accounts:factor:add",
    "accounts:factor:remove", "accounts:network:write", "accounts:password:change", "accounts:review:decide", "accounts:review:open",
    "accounts:review:sign", "accounts:sign:in", "accounts:sign:in-refused", "accounts:sign:out", "directory:facility:create",
    "directory:facility:update", "gateway:intake:refused", "ingest:original:refused", "ingest:receipt:refused", "ingest:trust:add",
)  # fmt: skip

# One sequence for both stores: a number names one row of the trail. `transaction` stands before `at` and `id`: defaults are drawn in this order.
TABLE = """
CREATE TABLE {store} (
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    id          bigint NOT NULL DEFAULT nextval('audit_number'),
    who         text NOT NULL,
    actor_kind  text NOT NULL,
    purpose     text NOT NULL,
    tag         text NOT NULL,
    about_type  text NOT NULL,
    about_id    text NOT NULL,
    person_id   uuid,
    facility    text,
    reason      text NOT NULL DEFAULT '',
    detail      jsonb,
    address     text,
    port        integer,
    device      text,
    role        text,
    under       text,
    outcome     text NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused', 'failed')),
    version     text
) PARTITION BY RANGE (at);
CREATE TABLE {store}_default PARTITION OF {store} DEFAULT;
CREATE INDEX {store}_id ON {store} (id);
CREATE INDEX {store}_at ON {store} USING brin (at);
CREATE INDEX {store}_person ON {store} (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX {store}_about ON {store} USING hash (about_id);
REVOKE ALL ON {store}, {store}_default FROM yba_app;
GRANT INSERT ({told}) ON {store} TO yba_app;
COMMENT ON COLUMN {store}.role IS 'roles held, by comma; NULL: as actor_kind says (machines)';
COMMENT ON COLUMN {store}.under IS 'the right under which it was done, where the caller said so';
COMMENT ON COLUMN {store}.device IS 'hash of user agent and session';
"""
STORES = """
CREATE SEQUENCE audit_number AS bigint CACHE 1;
REVOKE ALL ON SEQUENCE audit_number FROM yba_app;
GRANT USAGE ON SEQUENCE audit_number TO yba_app;
""" + "".join(TABLE.format(store=store, told=TOLD) for store in ("record_access", "security"))

# New tables come with rights for the app role (default privileges): a partition must shed them. Rows that waited in the default partition move.
PARTITIONS = """
CREATE FUNCTION audit_make_partition(store text, month date) RETURNS boolean LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    part text := format('%s_%s', store, to_char(month, 'YYYY_MM'));
    first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF store NOT IN ('record_access', 'security') OR to_regclass('public.' || part) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, store);
    EXECUTE format('REVOKE ALL ON public.%I FROM yba_app, PUBLIC', part);
    EXECUTE format('WITH moved AS (DELETE FROM public.%I WHERE at >= %L AND at < %L RETURNING *) INSERT INTO public.%I SELECT * FROM moved',
                   store || '_default', first, next, part);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)', store, part, first, next);
    RETURN true;
END $$;
REVOKE ALL ON FUNCTION audit_make_partition(text, date) FROM PUBLIC;

CREATE FUNCTION audit_prepare_partitions(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    made integer := 0;
    store text;
    month timestamp;
    this timestamp := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
BEGIN
    FOREACH store IN ARRAY ARRAY['record_access', 'security'] LOOP
        FOR month IN SELECT generate_series(this, this + make_interval(months => least(greatest(ahead, 0), 24)), interval '1 month') LOOP
            made := made + public.audit_make_partition(store, month::date)::integer;
        END LOOP;
    END LOOP;
    RETURN made;
END $$;
REVOKE ALL ON FUNCTION audit_prepare_partitions(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_prepare_partitions(integer) TO yba_app;
COMMENT ON FUNCTION audit_prepare_partitions(integer) IS 'Makes the months of both stores ahead, as the owner; all the app role may do to their shape.';
"""

# Who is bound reads rows of his places and of persons opened to him by name; a relation of care opens a record, not who looked at it.
RECORD_ACCESS = seen(person="record_access.person_id", facility="record_access.facility", relation=False)
SECURITY_SEEN = seen(facility="security.facility")
VIEWS = f"""
CREATE VIEW record_access_seen AS SELECT {COLUMNS}, {ADDED} FROM record_access WHERE {RECORD_ACCESS};
CREATE VIEW security_seen AS SELECT {COLUMNS}, {ADDED} FROM security WHERE {SECURITY_SEEN};
CREATE VIEW audit_event AS
    SELECT 'record_access' AS store, {COLUMNS}, {ADDED} FROM record_access_seen
    UNION ALL SELECT 'security', {COLUMNS}, {ADDED} FROM security_seen;
REVOKE ALL ON record_access_seen, security_seen, audit_event FROM yba_app;
GRANT SELECT ON record_access_seen, security_seen, audit_event TO yba_app;
COMMENT ON TABLE record_access IS 'Who did or saw what of health data, about whom, why, from where. Written in the act; the app role can only add.';
COMMENT ON TABLE security IS 'Sign-in, accounts, rights, refusals, configuration, keys. Written in the act; the app role can only add.';
"""

MOVE = f"""
DO $$ DECLARE month timestamp; BEGIN
    FOR month IN SELECT generate_series(date_trunc('month', min(at) AT TIME ZONE 'UTC'), date_trunc('month', max(at) AT TIME ZONE 'UTC'), interval '1 month')
                   FROM audit_event LOOP
        PERFORM audit_make_partition('record_access', month::date), audit_make_partition('security', month::date);
    END LOOP;
    PERFORM audit_prepare_partitions(6);
    PERFORM setval('audit_number', (SELECT coalesce(max(id), 0) + 1 FROM audit_event), false);
END $$;
INSERT INTO security ({COLUMNS}, outcome) SELECT {COLUMNS}, CASE WHEN tag LIKE '%-refused' OR tag LIKE '%:refused' THEN 'refused' ELSE 'done' END
  FROM audit_event WHERE tag IN ({", ".join(f"'{tag}'" for tag in SECURITY)}) ORDER BY id;
INSERT INTO record_access ({COLUMNS}) SELECT {COLUMNS} FROM audit_event
 WHERE tag NOT IN ({", ".join(f"'{tag}'" for tag in SECURITY)}) ORDER BY id;
DROP TABLE audit_event;
"""

# A seal covers every number of its range, used or not: [first_id, last_id]. `digests`: 8 bytes a row, to name the row that is not what it was.
SEALS = """
CREATE TABLE audit_seal (
    store     text NOT NULL CHECK (store IN ('record_access', 'security')),
    number    bigint NOT NULL CHECK (number > 0),
    first_id  bigint NOT NULL,
    last_id   bigint NOT NULL CHECK (last_id >= first_id),
    rows      integer NOT NULL,
    first_at  timestamptz,
    last_at   timestamptz,
    content   bytea NOT NULL,
    digests   bytea NOT NULL CHECK (octet_length(digests) = rows * 8),
    previous  bytea NOT NULL,
    head      bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    clock_went_back boolean NOT NULL,
    key       text NOT NULL,
    signature bytea NOT NULL,
    PRIMARY KEY (store, number)
);
ALTER TABLE audit_seal ALTER COLUMN digests SET STORAGE EXTERNAL;
CREATE TABLE audit_anchor (
    store     text NOT NULL,
    number    bigint NOT NULL,
    head      bytea NOT NULL,
    authority text NOT NULL,
    token     bytea NOT NULL,
    anchored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (store, number)
);
CREATE TABLE audit_archive (
    store        text NOT NULL,
    first_number bigint NOT NULL,
    last_number  bigint NOT NULL,
    last_id      bigint NOT NULL,
    rows         bigint NOT NULL,
    name         text NOT NULL,
    sha256       bytea NOT NULL,
    detached     boolean NOT NULL,
    key          text NOT NULL,
    signature    bytea NOT NULL,
    archived_at  timestamptz NOT NULL,
    PRIMARY KEY (store, first_number)
);
REVOKE ALL ON audit_seal, audit_anchor, audit_archive FROM yba_app;
GRANT SELECT, INSERT ON audit_seal, audit_anchor TO yba_app;
GRANT SELECT ON audit_archive TO yba_app;
COMMENT ON TABLE audit_seal IS 'Chain of signed seals over the rows of a store, in order of their numbers (docs/decisions/0017).';
COMMENT ON TABLE audit_anchor IS 'RFC 3161 time stamps over heads of the chain.';
COMMENT ON TABLE audit_archive IS 'Which seals lie in which Parquet archive, signed; detached: their rows are no longer in the database.';
"""


class Migration(migrations.Migration):
    """Stores, partitions, views, seals; the rows of the one table move."""

    dependencies = (("audit", "0001_trail"),)
    operations = (
        migrations.RunSQL(STORES),
        migrations.RunSQL(PARTITIONS),
        migrations.RunSQL(MOVE),
        migrations.RunSQL(VIEWS),
        migrations.RunSQL(SEALS),
    )
