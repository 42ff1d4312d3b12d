"""Keep which search parameters an operator has had indexed beside those of specs/fhir/search_index.toml (yba.record.indexing)."""

from django.db import migrations

# No policy: nothing of people stands here but the place of a build, which is an id; everybody who searches asks what is indexed.
CREATE = """
CREATE TABLE search_added (
    added_at    timestamptz NOT NULL,
    covered     timestamptz,
    begun       timestamptz,
    place       uuid,
    place_id    uuid,
    done        bigint      NOT NULL DEFAULT 0,
    total       bigint      NOT NULL,
    rtype       text        COLLATE "C" NOT NULL,
    param       text        COLLATE "C" NOT NULL,
    kind        text        COLLATE "C" NOT NULL CHECK (kind IN ('text', 'range', 'token')),
    own         boolean     NOT NULL,
    leaving     timestamptz,
    PRIMARY KEY (rtype, param)
);
COMMENT ON TABLE search_added IS 'Search parameters indexed on an operator''s wish: searches use one when `covered` is set.';
COMMENT ON COLUMN search_added.covered IS 'everything written before this moment has its rows; what was written since is looked at itself';
COMMENT ON COLUMN search_added.begun IS 'what the build that is under way will cover';
COMMENT ON COLUMN search_added.place IS 'person (and place_id: resource) up to which the build has come';
COMMENT ON COLUMN search_added.own IS 'false: writers keep the rows of this parameter (search_index.toml), only what was stored before is filled in';
COMMENT ON COLUMN search_added.leaving IS 'since when searches may not use it any more; its rows go when every process knows';
REVOKE ALL ON search_added FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON search_added TO yba_app;
"""


class Migration(migrations.Migration):
    """The table search_added."""

    dependencies = (("record", "0010_visit_link"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE search_added"),)
