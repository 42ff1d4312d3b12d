"""Create the secondary compartments: resources of two people (a birth certificate) also stand in the record of the second."""

from django.db import migrations

# Whoever may see the resource itself may see that it stands in a second record: the policy of locator decides for both.
CREATE = """
CREATE TABLE secondary (
    person_id    uuid        NOT NULL,
    key          uuid        NOT NULL,
    source_id    uuid,
    rtype        text        COLLATE "C" NOT NULL,
    id           text        COLLATE "C" NOT NULL,
    PRIMARY KEY (person_id, key)
);
CREATE INDEX secondary_key ON secondary (key);
COMMENT ON TABLE secondary IS 'A further person whose record a resource belongs to; its home stands in locator (docs/decisions/0015-two-people.md).';
COMMENT ON COLUMN secondary.key IS 'locator_key(rtype, id)';
COMMENT ON COLUMN secondary.source_id IS 'Claim or document it came from: a merge moves it with what else came from there.';

ALTER TABLE secondary ENABLE ROW LEVEL SECURITY;
CREATE POLICY as_its_resource ON secondary TO yba_app USING (EXISTS (SELECT FROM locator l WHERE l.key = secondary.key));
REVOKE ALL ON secondary FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON secondary TO yba_app;
"""


class Migration(migrations.Migration):
    """The table secondary."""

    dependencies = (("record", "0001_record"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE secondary"),)
