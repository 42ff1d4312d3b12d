"""Create the tables of identity: people, what facilities say of them, who holds which identifier, history, conflicts."""

from django.db import migrations

CREATE = """
CREATE TABLE person (
    id            uuid PRIMARY KEY,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    merged_into   uuid,
    vital_status  text NOT NULL DEFAULT 'unknown' CHECK (vital_status IN ('unknown', 'alive', 'dead')),
    golden_digest bigint NOT NULL DEFAULT 0,
    CHECK (merged_into <> id)
) WITH (fillfactor = 80);
CREATE INDEX person_merged ON person (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE person_source (
    facility   text NOT NULL,
    local_id   text NOT NULL,
    variant    smallint NOT NULL,
    person_id  uuid NOT NULL,
    patient_id uuid NOT NULL,
    sent       jsonb NOT NULL,
    kept       jsonb NOT NULL,
    seen_at    timestamptz NOT NULL,
    sequence   bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (facility, local_id, variant)
) WITH (fillfactor = 70);
CREATE INDEX person_source_person ON person_source (person_id);
CREATE INDEX person_source_patient ON person_source (patient_id);

CREATE TABLE identifier (
    facility      text NOT NULL,
    local_id      text NOT NULL,
    variant       smallint NOT NULL,
    type          text NOT NULL,
    value         text NOT NULL,
    first_seen    date NOT NULL,
    last_seen     date NOT NULL,
    valid_from    text NOT NULL DEFAULT '',
    valid_to      text NOT NULL DEFAULT '',
    registered_at text NOT NULL DEFAULT '',
    PRIMARY KEY (facility, local_id, variant, type, value),
    CHECK (first_seen <= last_seen)
) WITH (fillfactor = 70);

CREATE TABLE identifier_owner (
    type      text NOT NULL,
    value     text NOT NULL,
    person_id uuid NOT NULL,
    sequence  bigint NOT NULL,
    claimed   boolean NOT NULL,
    since     timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (type, value, person_id)
);
CREATE INDEX identifier_owner_person ON identifier_owner (person_id);

CREATE TABLE person_event (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    who         text NOT NULL,
    person_id   uuid NOT NULL,
    kind        text NOT NULL,
    facility    text NOT NULL,
    local_id    text NOT NULL,
    variant     smallint NOT NULL,
    reason      text NOT NULL,
    evidence    jsonb NOT NULL
);
CREATE INDEX person_event_person ON person_event (person_id);

CREATE TABLE review_item (
    id         uuid PRIMARY KEY,
    kind       text NOT NULL,
    persons    uuid[] NOT NULL,
    facility   text NOT NULL,
    local_id   text NOT NULL,
    evidence   jsonb NOT NULL,
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'settled', 'dismissed')),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    settled_at timestamptz,
    settled_by text,
    CHECK ((state = 'open') = (settled_at IS NULL)),
    CHECK ((settled_at IS NULL) = (settled_by IS NULL))
);
CREATE INDEX review_item_open ON review_item (kind, created_at) WHERE state = 'open';
CREATE INDEX review_item_persons ON review_item USING gin (persons);

COMMENT ON TABLE identifier IS 'A dated fact: this source sent this identifier from first_seen to last_seen. Never a key.';
COMMENT ON COLUMN identifier_owner.claimed IS 'somebody else held it first and is certainly another human';
COMMENT ON COLUMN person_source.variant IS '1; larger for another human under a reused patient number';
COMMENT ON COLUMN person_source.sent IS 'the newest facts by landing sequence, as sent';
COMMENT ON COLUMN person_source.kept IS 'field -> [visit in seconds, sequence, value] of older facts that survive the newest; told = earlier descriptions';

REVOKE ALL ON person, person_source, identifier, identifier_owner, person_event, review_item FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON person, person_source, identifier, identifier_owner, review_item TO yba_app;
GRANT DELETE ON identifier_owner TO yba_app;
GRANT SELECT, INSERT ON person_event TO yba_app;
"""

DROP = "DROP TABLE review_item, person_event, identifier_owner, identifier, person_source, person"


class Migration(migrations.Migration):
    """People, sources, identifiers, owners, events, reviews."""

    initial = True
    operations = (migrations.RunSQL(CREATE, DROP),)
