"""Create the outbox."""

from django.db import migrations

CREATE = """
CREATE TABLE event (
    position    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    who         text NOT NULL,
    kind        text NOT NULL,
    about_type  text NOT NULL,
    about_id    text NOT NULL,
    person_id   uuid,
    facility    text,
    payload     jsonb
);
CREATE INDEX event_order ON event (transaction, position);
CREATE TABLE event_reader (
    name        text PRIMARY KEY,
    transaction xid8 NOT NULL DEFAULT '0',
    position    bigint NOT NULL DEFAULT 0,
    moved_at    timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE event IS 'What rooms announce, written in the transaction of the act, read in the order (transaction, position).';
REVOKE ALL ON event, event_reader FROM yba_app;
GRANT SELECT, INSERT ON event TO yba_app;
GRANT SELECT, INSERT, UPDATE ON event_reader TO yba_app;
"""

DROP = "DROP TABLE event, event_reader"


class Migration(migrations.Migration):
    """The tables event and event_reader."""

    initial = True
    operations = (migrations.RunSQL(CREATE, DROP),)
