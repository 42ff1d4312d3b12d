"""Create what matching asks: one row per distinct description of a person, and its blocking keys; edit distance from contrib (a trusted extension)."""

from django.db import migrations

from yba.kit.row_security import policy, seen

CREATE = """
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;

CREATE TABLE match_row (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id    uuid NOT NULL,
    digest       bigint NOT NULL,
    name         text NOT NULL,
    marked       text NOT NULL,
    front        text NOT NULL,
    front_marked text NOT NULL,
    family       text NOT NULL,
    given        text NOT NULL,
    bag          text NOT NULL,
    year         integer,
    month        integer,
    day          integer,
    days         text NOT NULL,
    born         text NOT NULL,
    sex          text NOT NULL,
    citizen      text NOT NULL,
    old          text NOT NULL,
    insurance    text NOT NULL,
    phone        text NOT NULL,
    commune      text NOT NULL,
    province     text NOT NULL,
    address      text NOT NULL,
    mother       text NOT NULL,
    UNIQUE (person_id, digest)
);
CREATE TABLE match_block (
    key       bigint NOT NULL,
    row_id    bigint NOT NULL,
    person_id uuid NOT NULL,
    PRIMARY KEY (key, row_id)
);
COMMENT ON TABLE match_row IS 'What one description of a person is compared by: folded columns of specs/identity/matching/people.toml; moved by merge and split';
COMMENT ON TABLE match_block IS '64-bit hashes of the blocking keys of match_row; a key without its row says nothing';
REVOKE ALL ON match_row, match_block FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON match_row, match_block TO yba_app;
"""

POLICIES = policy("match_row", seen(person="match_row.person_id")) + policy("match_block", seen(person="match_block.person_id"))
DROP = "DROP TABLE match_block, match_row"


class Migration(migrations.Migration):
    """Rows, blocks and who sees them."""

    dependencies = (("identity", "0003_reach"),)
    operations = (migrations.RunSQL(CREATE + POLICIES, DROP),)
