"""Create relation: which unit or user cares for whom, from when to when, on which ground."""

from django.db import migrations

from yba.kit.row_security import policy, seen, within

# One text names a unit ("facility:01013"): facility and commune codes are alike, and one array of a session's units opens by one look-up.
# A row of one claim costs about 130 bytes with its three indexes.
CREATE = """
CREATE TABLE relation (
    start_at    timestamptz NOT NULL,
    end_at      timestamptz,
    void_at     timestamptz,
    person_id   uuid NOT NULL,
    source_id   uuid NOT NULL,
    unit        text COLLATE "C" NOT NULL CHECK (unit ~ '^(facility|department|user|area):.'),
    kind        text COLLATE "C" NOT NULL
                CHECK (kind IN ('visit', 'order', 'referral', 'enrolment', 'household', 'residence', 'emergency')),
    ground_type text COLLATE "C" NOT NULL,
    ground_id   text COLLATE "C" NOT NULL,
    void_reason text,
    PRIMARY KEY (person_id, unit, kind, source_id),
    CHECK (start_at <= end_at),
    CHECK ((void_at IS NULL) = (void_reason IS NULL))
) PARTITION BY HASH (person_id);
CREATE TABLE relation_all PARTITION OF relation FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE INDEX relation_unit ON relation (unit, end_at);
CREATE INDEX relation_source ON relation (source_id);
COMMENT ON TABLE relation IS 'Person and unit (facility, department, user, area): who may know of whom, since when, until when, why.';
COMMENT ON COLUMN relation.end_at IS 'null: still in force';
COMMENT ON COLUMN relation.void_at IS 'entered in error (a claim withdrawn): never counted again, kept';
COMMENT ON COLUMN relation.source_id IS 'claim, order, enrolment it came from; 00000000-… = none';
COMMENT ON COLUMN relation.ground_type IS 'FHIR type, or the word for what it rests on: Claim, Encounter, Emergency';
REVOKE ALL ON relation, relation_all FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON relation TO yba_app;
GRANT INSERT ON relation_all TO yba_app;

-- Whether one of these units is related to a person: asked before the lock is open, so it runs as the owner, and answers yes or no.
CREATE FUNCTION is_related(whom uuid, units text[], since timestamptz) RETURNS boolean LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ BEGIN
    RETURN EXISTS (SELECT FROM relation r WHERE r.person_id = whom AND r.unit = ANY (units) AND r.void_at IS NULL
                   AND (r.end_at IS NULL OR r.end_at >= since));
END $$;
-- The same for the units of the session: what the policies ask of a row. plpgsql keeps its plan, which a function in SQL does not.
CREATE FUNCTION is_related(whom uuid) RETURNS boolean LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE units text := current_setting('yba.units', true); BEGIN
    IF units IS NULL OR units IN ('', '{}') THEN RETURN false; END IF;
    RETURN EXISTS (SELECT FROM relation r WHERE r.person_id = whom AND r.unit = ANY (units::text[]) AND r.void_at IS NULL
                   AND (r.end_at IS NULL OR r.end_at >= NULLIF(current_setting('yba.since', true), '')::timestamptz));
END $$;
REVOKE ALL ON FUNCTION is_related(uuid, text[], timestamptz), is_related(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_related(uuid, text[], timestamptz), is_related(uuid) TO yba_app;
"""

SEEN = seen(person="relation.person_id", relation=False, more=within("units", "relation.unit"))


class Migration(migrations.Migration):
    """The table relation."""

    initial = True
    dependencies: tuple[tuple[str, str], ...] = ()
    operations = (
        migrations.RunSQL(
            CREATE + policy("relation", SEEN), "DROP TABLE relation; DROP FUNCTION is_related(uuid, text[], timestamptz), is_related(uuid)"
        ),
    )
