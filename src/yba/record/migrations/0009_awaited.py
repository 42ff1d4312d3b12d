"""Let a Patient that results name before it was sent keep its place: version 0, which is nothing but that (yba.record.awaited)."""

from django.db import migrations

# What is stored meets the stricter condition of before: nothing to look through again.
WIDER = """
ALTER TABLE resource DROP CONSTRAINT resource_version_check;
ALTER TABLE resource ADD CONSTRAINT resource_version_check CHECK (version > 0 OR (version = 0 AND deleted AND rtype = 'Patient')) NOT VALID;
"""


class Migration(migrations.Migration):
    """The condition on versions."""

    dependencies = (("record", "0008_labelled"),)
    operations = (migrations.RunSQL(WIDER),)
