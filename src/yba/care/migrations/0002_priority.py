"""Let somebody who waits go before others by law (groups of specs/care/priority.toml), and tell who ordered of a corrected result."""

from django.db import migrations

UP = """
ALTER TABLE care_visit ADD COLUMN priority text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN care_visit.priority IS 'groups of specs/care/priority.toml: "group:said" by who put them in the queue, "group:record" found in the record';
ALTER TABLE care_due DROP CONSTRAINT care_due_kind_check;
ALTER TABLE care_due ADD CONSTRAINT care_due_kind_check CHECK (kind IN ('appointment', 'result', 'corrected'));
"""
DOWN = """
DELETE FROM care_due WHERE kind = 'corrected';
ALTER TABLE care_due DROP CONSTRAINT care_due_kind_check;
ALTER TABLE care_due ADD CONSTRAINT care_due_kind_check CHECK (kind IN ('appointment', 'result'));
ALTER TABLE care_visit DROP COLUMN priority;
"""


class Migration(migrations.Migration):
    """Priority of who waits, corrected results."""

    dependencies = (("care", "0001_desk"),)
    operations = (migrations.RunSQL(UP, DOWN),)
