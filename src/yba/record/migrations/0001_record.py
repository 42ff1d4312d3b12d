"""Create the record: resource, its history and the locator, partitioned by resource type, under row security."""

from django.db import migrations

# Types with a partition of their own; every other type lives in the default partition.
TYPES = (
    "AllergyIntolerance", "Appointment", "ChargeItem", "Claim", "ClaimResponse", "ClinicalImpression", "Composition",
    "Condition", "Coverage", "DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare", "Immunization",
    "Location", "MedicationDispense", "MedicationRequest", "Observation", "Organization", "Patient", "Practitioner",
    "PractitionerRole", "Procedure", "Provenance", "ServiceRequest",
)  # fmt: skip

# Fixed-length columns first: no padding between them. uuid is byte-aligned.
COLUMNS = """
    updated      timestamptz NOT NULL,
    start_at     timestamptz,
    end_at       timestamptz,
    version      integer     NOT NULL CHECK (version > 0),
    deleted      boolean     NOT NULL DEFAULT false,
    person_id    uuid        NOT NULL,
    digest       uuid        NOT NULL,
    source_id    uuid,
    rtype        text        COLLATE "C" NOT NULL,
    id           text        COLLATE "C" NOT NULL,
    facility_id  text        COLLATE "C" NOT NULL,
    mapped_by    text        COLLATE "C" NOT NULL,
    labels       text[]      COLLATE "C",
    tokens       bigint[]    NOT NULL,
    doc          json        NOT NULL,
"""

TABLES = f"""
CREATE TABLE resource ({COLUMNS} PRIMARY KEY (person_id, rtype, id)) PARTITION BY LIST (rtype);
CREATE TABLE resource_history ({COLUMNS} PRIMARY KEY (person_id, rtype, id, version)) PARTITION BY LIST (rtype);
CREATE TABLE locator (
    key          uuid        NOT NULL,
    person_id    uuid        NOT NULL,
    facility_id  text        COLLATE "C" NOT NULL,
    PRIMARY KEY (key)
) PARTITION BY HASH (key);
CREATE TABLE locator_all PARTITION OF locator FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE FUNCTION locator_key(rtype text, id text) RETURNS uuid LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN encode(substr(sha256(convert_to(rtype || '/' || id, 'UTF8')), 1, 16), 'hex')::uuid;

COMMENT ON TABLE resource IS 'Current version of every FHIR resource; a tombstone is a row with deleted = true.';
COMMENT ON TABLE resource_history IS 'Earlier versions, under the person they had then; nothing is ever changed or removed here.';
COMMENT ON TABLE locator IS 'Which person a resource belongs to: how GET /Type/id finds its shard; moved by a merge. key = locator_key(rtype, id).';
COMMENT ON COLUMN resource.person_id IS 'Compartment; 00000000-0000-0000-0000-000000000000 = nobody.';
COMMENT ON COLUMN resource.start_at IS 'When it happened, from; null with end_at = open.';
COMMENT ON COLUMN resource.end_at IS 'Last instant; null with start_at = open; both null = the resource says no time.';
COMMENT ON COLUMN resource.digest IS 'BLAKE2b-128 of document and labels: an unchanged put makes no version.';
COMMENT ON COLUMN resource.source_id IS 'Received document or claim it came from.';
COMMENT ON COLUMN resource.facility_id IS 'Who may see it (MA_CSKCB); empty = no facility: only actors with scope all.';
COMMENT ON COLUMN resource.mapped_by IS 'Release of the mapping that made it.';
COMMENT ON COLUMN resource.labels IS 'Restricted categories, set from codes when it is put; null = none.';
COMMENT ON COLUMN resource.tokens IS 'yba.fhir.search.token: hashes of (parameter, system, code) and references.';
COMMENT ON COLUMN resource.doc IS 'FHIR JSON as it was put, without meta.versionId and meta.lastUpdated, which are added on read. json, not jsonb: decision 0005.';
"""

# On the partitioned parents, so that partitions made later have them too.
INDEXES = """
CREATE INDEX resource_tokens ON resource USING gin (tokens) WITH (fastupdate = on, gin_pending_list_limit = 1024);
CREATE INDEX resource_time ON resource (start_at) WHERE start_at IS NOT NULL;
CREATE INDEX resource_source ON resource (source_id) WHERE source_id IS NOT NULL;
CREATE INDEX resource_history_id ON resource_history (id, version);
"""


def partitions() -> str:
    """Every type's partition of resource and history, and the default ones."""
    statements = []
    for table in ("resource", "resource_history"):
        statements += [f"CREATE TABLE {table}_{rtype.lower()} PARTITION OF {table} FOR VALUES IN ('{rtype}');" for rtype in TYPES]
        statements.append(f"CREATE TABLE {table}_other PARTITION OF {table} DEFAULT;")
    return "\n".join(statements)


# Settings are read once per statement (sub-select); a forgotten or reset setting is NULL or '' and shows nothing.
SEEN = """(
    (SELECT current_setting('yba.scope', true)) = 'all'
    OR (
        (SELECT current_setting('yba.scope', true)) = 'facility'
        AND facility_id = ANY ((SELECT NULLIF(current_setting('yba.facilities', true), ''))::text[])
    )
)"""

SECURITY = f"""
ALTER TABLE resource ENABLE ROW LEVEL SECURITY;
ALTER TABLE resource_history ENABLE ROW LEVEL SECURITY;
ALTER TABLE locator ENABLE ROW LEVEL SECURITY;
CREATE POLICY within_facilities ON resource TO yba_app USING ({SEEN}) WITH CHECK ({SEEN});
CREATE POLICY within_facilities ON resource_history TO yba_app USING ({SEEN}) WITH CHECK ({SEEN});
CREATE POLICY within_facilities ON locator TO yba_app USING ({SEEN}) WITH CHECK ({SEEN});

-- Searches by token and date read through this view: as its owner it is not bound by the policy, and it says the same as the policy
-- without being a security barrier, so that any operator may use its index (docs/decisions: row security).
CREATE VIEW resource_seen AS SELECT * FROM resource WHERE {SEEN};
COMMENT ON VIEW resource_seen IS 'resource, limited to the facilities of the acting client, for searches by index.';
"""


def grants() -> str:
    """The parents may be read and written under their policy, partitions only be added to (COPY), nothing be deleted."""
    parts = [f"{table}_{rtype.lower()}" for table in ("resource", "resource_history") for rtype in (*TYPES, "other")]
    names = ", ".join(["locator_all", *parts])
    return f"""
REVOKE ALL ON resource, resource_history, locator, resource_seen, {names} FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON resource, locator TO yba_app;
GRANT SELECT, INSERT ON resource_history TO yba_app;
GRANT SELECT ON resource_seen TO yba_app;
GRANT INSERT ON {names} TO yba_app;
"""


class Migration(migrations.Migration):
    """The tables resource, resource_history and locator."""

    initial = True
    operations = (
        migrations.RunSQL(
            TABLES + partitions() + INDEXES + SECURITY + grants(),
            "DROP VIEW resource_seen; DROP TABLE resource, resource_history, locator",
        ),
    )
