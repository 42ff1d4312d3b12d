"""Row security on announcements: the platform's own work reads them, no user's unit of work ever does; anybody's act may announce."""

from django.db import migrations

from yba.kit.row_security import SCOPE, behind, policy

# An identity column cannot be attached: parent and partition share an ordinary sequence, which goes on where the old one stood.
SEQUENCE = """
DO $$ DECLARE next bigint; BEGIN
    next := nextval(pg_get_serial_sequence('event', 'position'));
    ALTER TABLE event ALTER COLUMN position DROP IDENTITY;
    CREATE SEQUENCE event_position_seq;
    PERFORM setval('event_position_seq', next, false);
    ALTER TABLE event ALTER COLUMN position SET DEFAULT nextval('event_position_seq');
END $$;
"""
OWNED = """
ALTER SEQUENCE event_position_seq OWNED BY event.position;
GRANT USAGE ON SEQUENCE event_position_seq TO yba_app;
"""
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
