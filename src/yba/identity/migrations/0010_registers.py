"""Create health identifiers, temporary identifiers, unknown patients, and what was asked of outside registers."""

from django.db import migrations

from yba.kit.row_security import policy, seen, within

CREATE = """
-- Rows here name the person they were written for and are never moved: a merge is followed when they are read, so its undo finds them as they were.
CREATE FUNCTION person_now(whom uuid) RETURNS uuid LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE found uuid := whom; next uuid; BEGIN
    FOR step IN 1..64 LOOP
        SELECT merged_into INTO next FROM person WHERE id = found;
        IF next IS NULL THEN RETURN found; END IF;
        found := next;
    END LOOP;
    RETURN found;
END $$;
-- The ids under which things of a person were written: its own and those merged into it.
CREATE FUNCTION person_ids(whom uuid) RETURNS uuid[] LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ BEGIN
    RETURN ARRAY(WITH RECURSIVE ids (id) AS (SELECT whom UNION SELECT p.id FROM person p JOIN ids ON p.merged_into = ids.id) SELECT id FROM ids);
END $$;
REVOKE ALL ON FUNCTION person_now(uuid), person_ids(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION person_now(uuid), person_ids(uuid) TO yba_app;

CREATE TABLE health_identifier (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL,
    value       text COLLATE "C" NOT NULL CHECK (value ~ '^[0-9]{12}$'),
    status      text NOT NULL CHECK (status IN ('active', 'cancelled')),
    valid_from  date,
    valid_to    date,
    source      text NOT NULL,
    reason      text NOT NULL DEFAULT '',
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL,
    ended_at    timestamptz,
    ended_by    text,
    CHECK ((status = 'cancelled') = (ended_at IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL)),
    CHECK (valid_to IS NULL OR status = 'cancelled'),
    CHECK (valid_to >= valid_from)
);
CREATE UNIQUE INDEX health_identifier_of_person ON health_identifier (person_id) WHERE status = 'active';
CREATE UNIQUE INDEX health_identifier_number ON health_identifier (value) WHERE status = 'active';
CREATE INDEX health_identifier_value ON health_identifier (value);
CREATE INDEX health_identifier_person ON health_identifier (person_id);

CREATE TABLE temporary_sequence (
    facility text COLLATE "C" NOT NULL,
    day      date NOT NULL,
    last     int NOT NULL CHECK (last > 0),
    PRIMARY KEY (facility, day)
);
CREATE TABLE temporary_identifier (
    code        text COLLATE "C" PRIMARY KEY,
    person_id   uuid,
    kind        text NOT NULL,
    facility    text COLLATE "C" NOT NULL,
    given_at    timestamptz NOT NULL,
    given_by    text NOT NULL,
    replaced_by text,
    replaced_at timestamptz,
    CHECK (code !~ '^[0-9]+$'),
    CHECK ((replaced_by IS NULL) = (replaced_at IS NULL))
);
CREATE INDEX temporary_identifier_person ON temporary_identifier (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE unknown_patient (
    person_id     uuid PRIMARY KEY,
    code          text COLLATE "C" NOT NULL UNIQUE,
    facility      text COLLATE "C" NOT NULL,
    arrived_at    timestamptz NOT NULL,
    sex           text NOT NULL CHECK (sex IN ('male', 'female', 'unknown')),
    age_from      smallint,
    age_to        smallint,
    marks         text NOT NULL,
    found_at      text NOT NULL DEFAULT '',
    commune       text NOT NULL DEFAULT '',
    registered_by text NOT NULL,
    died_at       timestamptz,
    notify_by     timestamptz NOT NULL,
    notified_at   timestamptz,
    notified_by   text,
    notified_how  text,
    identified_at timestamptz,
    identified_by text,
    identified_as uuid,
    CHECK ((age_from IS NULL) = (age_to IS NULL)),
    CHECK (age_from BETWEEN 0 AND age_to AND age_to <= 130),
    CHECK ((notified_at IS NULL) = (notified_by IS NULL)),
    CHECK ((notified_at IS NULL) = (notified_how IS NULL)),
    CHECK ((identified_at IS NULL) = (identified_by IS NULL)),
    CHECK ((identified_at IS NULL) = (identified_as IS NULL))
);
CREATE INDEX unknown_patient_open ON unknown_patient (notify_by) WHERE notified_at IS NULL AND identified_at IS NULL;

CREATE TABLE register_query (
    id          uuid PRIMARY KEY,
    asked_at    timestamptz NOT NULL,
    answered_at timestamptz,
    who         text NOT NULL,
    register    text NOT NULL CHECK (register IN ('population', 'card')),
    mode        text NOT NULL,
    purpose     text NOT NULL,
    consent     text NOT NULL DEFAULT '',
    facility    text COLLATE "C" NOT NULL DEFAULT '',
    link        text NOT NULL DEFAULT '',
    person_id   uuid,
    asked       uuid NOT NULL,
    subject     uuid NOT NULL,
    outcome     text NOT NULL CHECK (outcome IN ('asked', 'found', 'not-found', 'wrong-person', 'bad-answer', 'refused', 'away', 'failed')),
    attempts    smallint NOT NULL DEFAULT 0,
    code        text NOT NULL DEFAULT '',
    matches     jsonb NOT NULL DEFAULT '{}',
    expires     timestamptz,
    facts       jsonb,
    reply       bytea,
    batch       uuid,
    CHECK ((outcome = 'asked') = (answered_at IS NULL)),
    CHECK ((outcome IN ('found', 'not-found')) = (expires IS NOT NULL)),
    -- What the population register says of a person is never kept: the database refuses it, and anything but a verdict (NĐ 69/2024).
    CHECK (register = 'card' OR (facts IS NULL AND reply IS NULL)),
    CHECK (register = 'card' OR NOT jsonb_path_exists(matches, '$.* ? (@ != "yes" && @ != "no" && @ != "not-known")'))
);
CREATE INDEX register_query_asked ON register_query (asked, asked_at) WHERE expires IS NOT NULL;
CREATE INDEX register_query_subject ON register_query (subject, facility, asked_at) WHERE outcome IN ('found', 'not-found');
CREATE INDEX register_query_person ON register_query (person_id) WHERE person_id IS NOT NULL;

CREATE TABLE register_state (
    register text PRIMARY KEY,
    failures int NOT NULL DEFAULT 0,
    opened   int NOT NULL DEFAULT 0,
    retry_at timestamptz,
    probing  timestamptz,
    credit   float8 NOT NULL,
    seen_at  timestamptz NOT NULL,
    day      date NOT NULL,
    spent    int NOT NULL DEFAULT 0
);
CREATE TABLE register_batch (
    id       uuid PRIMARY KEY,
    made_at  timestamptz NOT NULL,
    who      text NOT NULL,
    register text NOT NULL,
    purpose  text NOT NULL,
    consent  text NOT NULL DEFAULT '',
    facility text COLLATE "C" NOT NULL DEFAULT '',
    total    int NOT NULL
);
CREATE TABLE register_batch_item (
    batch    uuid NOT NULL,
    ordinal  int NOT NULL,
    facility text COLLATE "C" NOT NULL DEFAULT '',
    person_id uuid NOT NULL,
    outcome  text NOT NULL DEFAULT '',
    query    uuid,
    done_at  timestamptz,
    taken_until timestamptz,
    PRIMARY KEY (batch, ordinal),
    CHECK ((outcome = '') = (done_at IS NULL))
);
CREATE INDEX register_batch_todo ON register_batch_item (batch, ordinal) WHERE outcome = '';

COMMENT ON TABLE health_identifier IS 'The 12-digit personal number as the health identifier (NĐ 102/2025 Art 6): a dated fact, cancelled and issued anew, never a key.';
COMMENT ON TABLE temporary_identifier IS 'VD-… codes of who has no personal number yet; kept for ever, so that the old one keeps answering.';
COMMENT ON TABLE temporary_sequence IS 'Last number of a facility and day; says nothing of people, so it has no row security.';
COMMENT ON TABLE unknown_patient IS 'Patients nobody could name at arrival, with the clock to tell the commune (48 h, 24 h for the dead).';
COMMENT ON TABLE register_query IS 'Every question to an outside register: who, why, by which consent, what came of it. Of the population register verdicts only.';
COMMENT ON COLUMN register_query.facility IS 'For whom it was asked; only they see and use the answer again. Empty: the province.';
COMMENT ON COLUMN register_query.asked IS 'Keyed hash of everything that was asked; register_query.subject of the number alone.';
COMMENT ON COLUMN register_query.reply IS 'The insurer''s answer exactly as it came (BHYT-DATA-R04), compressed and sealed; never the population register''s.';
COMMENT ON TABLE register_state IS 'Circuit breaker and pace of a register, shared by all processes; says nothing of people, so it has no row security.';
COMMENT ON TABLE register_batch IS 'A list of people to be verified, worked off at the register''s pace, resumed where it stopped.';

REVOKE ALL ON health_identifier, temporary_sequence, temporary_identifier, unknown_patient, register_query, register_state, register_batch,
    register_batch_item FROM yba_app;
GRANT SELECT, INSERT, UPDATE (status, valid_to, ended_at, ended_by, reason) ON health_identifier TO yba_app;
GRANT SELECT, INSERT, UPDATE ON temporary_sequence, register_state TO yba_app;
GRANT SELECT, INSERT, UPDATE (person_id, replaced_by, replaced_at) ON temporary_identifier TO yba_app;
GRANT SELECT, INSERT, UPDATE (died_at, notify_by, notified_at, notified_by, notified_how, identified_at, identified_by, identified_as, marks)
    ON unknown_patient TO yba_app;
GRANT SELECT, INSERT, UPDATE (answered_at, outcome, attempts, code, matches, expires, facts, reply) ON register_query TO yba_app;
GRANT SELECT, INSERT ON register_batch TO yba_app;
GRANT SELECT, INSERT, UPDATE (outcome, query, done_at, taken_until) ON register_batch_item TO yba_app;
"""
DROP = """
DROP TABLE register_batch_item, register_batch, register_query, register_state, unknown_patient, temporary_identifier, temporary_sequence,
    health_identifier;
DROP FUNCTION person_now(uuid), person_ids(uuid);
"""

# A facility reaches the people it is a source of, a merge followed.
HELD_BY = "EXISTS (SELECT FROM person_source AS mine WHERE mine.person_id = person_now({table}.person_id) AND {facility})"
MINE = within("facilities", "mine.facility")


def of_person(table: str, facility: str = "") -> str:
    """The condition of a table whose rows name a person."""
    return seen(person=f"person_now({table}.person_id)", facility=facility, more=HELD_BY.format(table=table, facility=MINE))


SQL = (
    CREATE
    + policy("health_identifier", of_person("health_identifier"))
    + policy("temporary_identifier", of_person("temporary_identifier", "temporary_identifier.facility"))
    + policy("unknown_patient", seen(facility="unknown_patient.facility"))
    # The answer of a register may not be passed on: who did not ask does not see it, whatever their relation to the person.
    + policy("register_query", seen(facility="register_query.facility"))
    + policy("register_batch", seen(facility="register_batch.facility"))
    + policy("register_batch_item", seen(facility="register_batch_item.facility"))
)


class Migration(migrations.Migration):
    """Identifiers and registers."""

    dependencies = (("identity", "0005_acts"),)
    operations = (migrations.RunSQL(SQL, DROP),)
