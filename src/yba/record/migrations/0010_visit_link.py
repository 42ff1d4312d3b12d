"""Keep which Encounters tell of a visit that another channel tells of too (yba.record.visits): derived, rewritten with what it is derived from."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# One row for each telling that is not the primary one. Its labels are those of both: who may not see the one is not told of the other.
CREATE = """
CREATE TABLE visit_link (
    start_at         timestamptz,
    end_at           timestamptz,
    person_id        uuid        NOT NULL,
    key              uuid        NOT NULL PRIMARY KEY,
    rtype            text        COLLATE "C" NOT NULL DEFAULT 'Encounter' CHECK (rtype = 'Encounter'),
    id               text        COLLATE "C" NOT NULL,
    primary_id       text        COLLATE "C" NOT NULL,
    facility_id      text        COLLATE "C" NOT NULL,
    channel          text        COLLATE "C" NOT NULL,
    primary_channel  text        COLLATE "C" NOT NULL,
    labels           text[]      COLLATE "C",
    CHECK (id <> primary_id AND channel <> primary_channel)
);
CREATE INDEX visit_link_person ON visit_link (person_id);
COMMENT ON TABLE visit_link IS 'Encounters that tell of a visit whose primary Encounter came by another channel: counted and shown once (specs/visits.toml).';
COMMENT ON COLUMN visit_link.key IS 'locator_key(Encounter, id)';
COMMENT ON COLUMN visit_link.labels IS 'restricted categories of both Encounters';
REVOKE ALL ON visit_link FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON visit_link TO yba_app;
"""
SEEN = seen(person="visit_link.person_id", facility="visit_link.facility_id", labels="visit_link.labels", rtype="visit_link.rtype")
# Where all Encounters are of claims this is empty: ingest asks it for a batch's people and is done.
WRITTEN = "CREATE INDEX resource_written ON resource_encounter (person_id) WHERE mapped_by IN ('desk', 'fhir') AND NOT deleted;"


class Migration(migrations.Migration):
    """The table visit_link."""

    dependencies = (("record", "0009_awaited"),)
    operations = (migrations.RunSQL(CREATE + policy("visit_link", SEEN) + WRITTEN, "DROP TABLE visit_link; DROP INDEX resource_written"),)
