"""Let a source be withdrawn: a birth certificate that was taken back leaves a person without this source, and comes back to the same person."""

from django.db import migrations

ADD = """
ALTER TABLE person_source ADD COLUMN withdrawn boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN person_source.withdrawn IS 'the claim that was all there was of it is withdrawn: says nothing of the person until it is sent again';
COMMENT ON COLUMN person_source.kept IS 'field -> [visit in seconds, sequence, value] of older facts that survive the newest; told = earlier descriptions; died = claim -> when';
"""


class Migration(migrations.Migration):
    """One column of person_source."""

    dependencies = (("identity", "0001_people"),)
    operations = (migrations.RunSQL(ADD, "ALTER TABLE person_source DROP COLUMN withdrawn"),)
