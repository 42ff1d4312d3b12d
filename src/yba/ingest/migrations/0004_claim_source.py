"""Keep with a claim which source of its person it came from where the patient number alone does not say it: what a split needs."""

from django.db import migrations

ADD = """
ALTER TABLE claim ADD COLUMN source text;
COMMENT ON COLUMN claim.source IS
    'null: the patient number says it (first human under it). Else variant/patient number as identity keeps it: a reused number, or none was sent.';
"""


class Migration(migrations.Migration):
    """One column of claim."""

    dependencies = (("ingest", "0003_reach"),)
    operations = (migrations.RunSQL(ADD, "ALTER TABLE claim DROP COLUMN source"),)
