"""Create the audit trail, closed to the app role except for adding and reading."""

from django.db import migrations

# One table, not partitions: retention (as long as the record, BAOMAT-CB-R22) is decades away, a purge is the owner's act.
# BRIN on time costs nothing per row; person is the question the law asks ("who saw my record"), about the operator's.
CREATE = """
CREATE TABLE audit_event (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    who         text NOT NULL,
    actor_kind  text NOT NULL,
    purpose     text NOT NULL,
    tag         text NOT NULL,
    about_type  text NOT NULL,
    about_id    text NOT NULL,
    person_id   uuid,
    facility    text,
    reason      text NOT NULL DEFAULT '',
    detail      jsonb
);
CREATE INDEX audit_event_at ON audit_event USING brin (at);
CREATE INDEX audit_event_person ON audit_event (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX audit_event_about ON audit_event USING hash (about_id);
COMMENT ON TABLE audit_event IS 'Who did or saw what, about whom, why. Written in the transaction of the act; the app role can only add and read.';
REVOKE ALL ON audit_event FROM yba_app;
GRANT SELECT, INSERT ON audit_event TO yba_app;
"""

DROP = "DROP TABLE audit_event"


class Migration(migrations.Migration):
    """The table audit_event."""

    initial = True
    operations = (migrations.RunSQL(CREATE, DROP),)
