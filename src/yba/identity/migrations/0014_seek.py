"""What the search box of a desk looks up: beginnings of names, phones, the newest source; and acts on households that can be taken back."""

from django.db import migrations

from yba.kit.row_security import policy, seen

SQL = """
-- Beginnings are ranges in the order of bytes: LIKE is not leakproof and uses no index below a policy.
CREATE INDEX match_row_given ON match_row (given COLLATE "C");
CREATE INDEX match_row_commune_given ON match_row (commune, given COLLATE "C");
CREATE INDEX match_row_name ON match_row (name COLLATE "C");
CREATE INDEX match_row_phone ON match_row (phone) WHERE phone <> '';

ALTER TABLE household_member ADD COLUMN taken_back boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN household_member.taken_back IS 'noted in error: kept, shown nowhere';
CREATE TABLE household_act (
    id        uuid PRIMARY KEY,
    household uuid NOT NULL,
    at        timestamptz NOT NULL,
    who       text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('create', 'join', 'move-out', 'head', 'relation')),
    before    jsonb NOT NULL,
    after     jsonb NOT NULL,
    undone_by text,
    undone_at timestamptz,
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE INDEX household_act_of ON household_act (household, at);
COMMENT ON COLUMN household_act.before IS 'rows of household_member as they were: what taking the act back restores';
REVOKE ALL ON household_act FROM yba_app;
GRANT SELECT, INSERT, UPDATE (undone_by, undone_at) ON household_act TO yba_app;
""" + policy("household_act", seen(more="EXISTS (SELECT FROM household_member AS m WHERE m.household = household_act.household)"))
DROP = """
DROP TABLE household_act; ALTER TABLE household_member DROP COLUMN taken_back;
DROP INDEX match_row_phone, match_row_name, match_row_commune_given, match_row_given;
"""


class Migration(migrations.Migration):
    """Four indexes, one table, one column."""

    dependencies = (("identity", "0013_mothers"),)
    operations = (migrations.RunSQL(SQL, DROP),)
