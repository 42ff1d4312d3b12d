"""Keep beside a locked report what counting it again says: how many of its numbers are others now. The report itself is never changed."""

from django.db import migrations

from yba.kit.row_security import policy, seen

CREATE = """
CREATE TABLE warehouse_report_watch (
    report    uuid        NOT NULL PRIMARY KEY REFERENCES warehouse_report (id),
    seq       integer     NOT NULL CHECK (seq > 0),
    looked_at timestamptz NOT NULL,
    differs   integer     NOT NULL CHECK (differs >= 0),
    figures   bytea       NOT NULL CHECK (octet_length(figures) = 32),
    since     timestamptz,
    CHECK ((differs = 0) = (since IS NULL))
);
COMMENT ON TABLE warehouse_report_watch IS 'What locked reports would be now: how many numbers differ, since when that is known (yba.warehouse.reports).';
COMMENT ON COLUMN warehouse_report_watch.seq IS 'the export of the lake it was held against last';
COMMENT ON COLUMN warehouse_report_watch.figures IS 'SHA-256 of what it would say: another one is told anew';
REVOKE ALL ON warehouse_report_watch FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON warehouse_report_watch TO yba_app;
"""
# Whoever may see the report may see that its numbers have changed.
SEEN = seen(more="EXISTS (SELECT FROM warehouse_report AS r WHERE r.id = warehouse_report_watch.report)")


class Migration(migrations.Migration):
    """The table warehouse_report_watch."""

    dependencies = (("warehouse", "0004_digest"),)
    operations = (migrations.RunSQL(CREATE + policy("warehouse_report_watch", SEEN), "DROP TABLE warehouse_report_watch"),)
