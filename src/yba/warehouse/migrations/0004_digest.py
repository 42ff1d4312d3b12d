"""Keep the digests as they were made: content, paper and its hash."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy

CREATE = f"""
CREATE TABLE warehouse_digest (
    id        uuid        NOT NULL PRIMARY KEY,
    digest    text        NOT NULL,
    period    text        NOT NULL,
    number    integer     NOT NULL CHECK (number > 0),
    made_at   timestamptz NOT NULL,
    made_by   text        NOT NULL,
    until     timestamptz NOT NULL,
    content   text        NOT NULL,
    pdf       bytea       NOT NULL,
    sha256    bytea       NOT NULL CHECK (sha256 = sha256(pdf)),
    UNIQUE (digest, period, number)
);
CREATE INDEX warehouse_digest_made ON warehouse_digest (made_at);
COMMENT ON TABLE warehouse_digest IS 'Digests of a board as they were made: never changed, a later one stands beside it (yba.warehouse.digests). Aggregates with small numbers hidden, nothing of a person.';
COMMENT ON COLUMN warehouse_digest.until IS 'what the lake had seen of the record';
COMMENT ON COLUMN warehouse_digest.content IS 'JSON in both languages; pdf is the Vietnamese one';
REVOKE ALL ON warehouse_digest FROM yba_app;
GRANT SELECT, INSERT ON warehouse_digest TO yba_app;
{policy("warehouse_digest", f"{SCOPE} IN ('all', 'province')")}
"""


class Migration(migrations.Migration):
    """The table warehouse_digest."""

    dependencies = (("warehouse", "0003_alert"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE warehouse_digest"),)
