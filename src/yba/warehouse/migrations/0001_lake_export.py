"""Keep which export of a lake came last: a database that was brought back from a backup does not know the lake's newest one."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy

CREATE = f"""
CREATE TABLE lake_export (
    lake      uuid        NOT NULL PRIMARY KEY,
    seq       integer     NOT NULL CHECK (seq > 0),
    token     uuid        NOT NULL,
    previous  uuid,
    at        timestamptz NOT NULL
);
COMMENT ON TABLE lake_export IS 'The last export of each lake that reads this database: written in the transaction that read it, kept in the manifest too (yba.warehouse.lake).';
COMMENT ON COLUMN lake_export.previous IS 'token of the export it went on from';
REVOKE ALL ON lake_export FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON lake_export TO yba_app;
{policy("lake_export", f"{SCOPE} = 'all'")}
"""


class Migration(migrations.Migration):
    """The table lake_export."""

    initial = True
    dependencies = (("record", "0012_touched"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE lake_export"),)
