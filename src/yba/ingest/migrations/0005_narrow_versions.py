"""Take the row keys out of earlier versions of claims: only those of the version in force are ever read, and they stand in claim."""

from django.db import migrations

# 337 bytes a claim (synthetic claims of 23 rows). Going back leaves the column empty: it never had a reader.
FORWARD = "ALTER TABLE claim_version DROP COLUMN row_keys;"
BACKWARD = "ALTER TABLE claim_version ADD COLUMN row_keys bytea NOT NULL DEFAULT '';"


class Migration(migrations.Migration):
    """One column less in claim_version."""

    dependencies = (("ingest", "0004_claim_source"),)
    operations = (migrations.RunSQL(FORWARD, BACKWARD),)
