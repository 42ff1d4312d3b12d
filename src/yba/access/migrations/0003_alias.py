"""Remember which ids are one person: what was written about an earlier id (trail, notices, accounts) is read as about the later one."""

from django.db import migrations

# Two ids and nothing else: no policy, because every room must be able to follow an old id before any lock is open.
CREATE = """
CREATE TABLE person_alias (
    was uuid PRIMARY KEY,
    now uuid NOT NULL,
    at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK (was <> now)
);
CREATE INDEX person_alias_now ON person_alias (now);
COMMENT ON TABLE person_alias IS 'was = a person id merged into now; written by a merge, taken away by a split or undo. Never a chain: now is always a living id.';
REVOKE ALL ON person_alias FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON person_alias TO yba_app;
"""


class Migration(migrations.Migration):
    """The table person_alias."""

    dependencies = (("access", "0002_emergency"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE person_alias"),)
