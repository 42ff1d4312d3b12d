"""Row security on announcements: the platform's own work reads them, no user's unit of work ever does; anybody's act may announce."""

from django.db import migrations

from yba.kit.row_security import SCOPE, behind, policy, shared_sequence

SEQUENCE, OWNED = shared_sequence("event", "position", "event_position_seq")
READS = f"(CASE {SCOPE} WHEN 'all' THEN true ELSE false END)"  # no right of a person is about announcements


class Migration(migrations.Migration):
    """Parent and policy."""

    dependencies = (("events", "0001_outbox"),)
    operations = (
        migrations.RunSQL(
            SEQUENCE + behind("event", "position", "SELECT, INSERT", primary="position") + OWNED + policy("event", READS, insert="true"),
            migrations.RunSQL.noop,
        ),
    )
