"""Keep with a claim what other claims of its person are held against it for, and find check-ins by patient."""

from django.db import migrations

# Only claims that a rule across claims can concern have traits: the index stays out of the way of the others.
FORWARD = """
ALTER TABLE claim ADD COLUMN traits integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN claim.traits IS 'bits 1 stay, 2 chronic care, 4 dialysis; above them the category of the chronic disease; 0: of no interest to other claims';
CREATE INDEX claim_traits ON claim (person_id, started_at) WHERE traits <> 0;
CREATE INDEX check_in_patient ON check_in (facility, local_patient);
"""


class Migration(migrations.Migration):
    """The column and its index."""

    dependencies = [("ingest", "0001_tables")]
    operations = [migrations.RunSQL(FORWARD, "DROP INDEX claim_traits, check_in_patient; ALTER TABLE claim DROP COLUMN traits")]
