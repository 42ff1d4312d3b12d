"""Narrow the record's rows: UUID ids, no digest, one index a person, dates by BRIN; and give the new columns to what is stored already."""

from django.db import migrations

# Measured on the frozen set (docs/decisions/0005): 300 bytes of 1,578 a resource. A resource's id is unique by the locator's key, so the
# record itself needs no second unique index over the same; the person still leads it.
TABLES = ("resource", "resource_history")
UUID_FORM = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"


def _narrow(table: str) -> str:
    return f"""
ALTER TABLE {table} DROP CONSTRAINT {table}_pkey;
ALTER TABLE {table} DROP COLUMN digest;
ALTER TABLE {table} ADD COLUMN given_id text COLLATE "C";
UPDATE {table} SET given_id = id WHERE id !~ '{UUID_FORM}';
UPDATE {table} SET doc = (' ' || doc::text)::json WHERE NOT deleted AND NOT starts_with(doc::text, '{{"resourceType":');
ALTER TABLE {table} ALTER COLUMN id TYPE uuid
    USING CASE WHEN id ~ '{UUID_FORM}' THEN id::uuid ELSE encode(substr(sha256(convert_to('id/' || id, 'UTF8')), 1, 16), 'hex')::uuid END;
COMMENT ON COLUMN {table}.id IS 'The FHIR id where it has the form of a UUID, else a hash of it (yba.record.lines.columns_of).';
COMMENT ON COLUMN {table}.given_id IS 'The FHIR id where it has another form; null = id.';
COMMENT ON COLUMN {table}.doc IS 'FHIR JSON as it was put, without a leading resourceType and id (yba.record.lines.whole) and without meta.versionId and meta.lastUpdated.';
"""


INDEXES = """
CREATE INDEX resource_person ON resource (person_id, id);
ALTER TABLE resource_history ADD PRIMARY KEY (person_id, rtype, id, version);
DROP INDEX resource_time;
CREATE INDEX resource_time ON resource USING brin (start_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 32);
"""

SEEN = """(
    (SELECT current_setting('yba.scope', true)) = 'all'
    OR (
        (SELECT current_setting('yba.scope', true)) = 'facility'
        AND facility_id = ANY ((SELECT NULLIF(current_setting('yba.facilities', true), ''))::text[])
    )
)"""
VIEW = f"""
CREATE VIEW resource_seen AS SELECT * FROM resource WHERE {SEEN};
COMMENT ON VIEW resource_seen IS 'resource, limited to the facilities of the acting client, for searches by index.';
REVOKE ALL ON resource_seen FROM yba_app;
GRANT SELECT ON resource_seen TO yba_app;
"""


class Migration(migrations.Migration):
    """Narrow rows."""

    dependencies = (("record", "0002_secondary"),)
    operations = (migrations.RunSQL("DROP VIEW resource_seen;" + "".join(map(_narrow, TABLES)) + INDEXES + VIEW),)
