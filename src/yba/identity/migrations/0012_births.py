"""Tie the newborns that are known already to their mothers, as their certificates say."""

from django.db import migrations

FILL = """
INSERT INTO person_link (person_id, kind, other, since, facility, local_id, variant, other_local_id, ground_type, ground_id)
SELECT DISTINCT ON (c.facility, c.local_id, c.variant) c.person_id, 'mother', m.person_id,
       CASE WHEN c.sent ->> 'birth' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}' THEN left(c.sent ->> 'birth', 10)::date ELSE c.seen_at::date END,
       c.facility, c.local_id, c.variant, m.local_id, 'Patient', c.patient_id::text
  FROM person_source c JOIN person_source m ON m.facility = c.facility AND m.local_id = c.sent ->> 'born_of' AND NOT m.sent ? 'born_of'
 WHERE c.sent ? 'born_of'
 ORDER BY c.facility, c.local_id, c.variant, m.variant
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    """Rows of person_link."""

    dependencies = (("identity", "0011_desk"),)
    operations = (migrations.RunSQL(FILL, migrations.RunSQL.noop),)
