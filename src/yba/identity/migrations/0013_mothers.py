"""Say which human under a reused patient number the mother is: a split of the other one must leave her child alone."""

from django.db import migrations

ADD = "ALTER TABLE person_link ADD COLUMN other_variant smallint NOT NULL DEFAULT 1"


class Migration(migrations.Migration):
    """One column of person_link."""

    dependencies = (("identity", "0012_births"),)
    operations = (migrations.RunSQL(ADD, "ALTER TABLE person_link DROP COLUMN other_variant"),)
