"""Keep the periodic reports that were made, whole and unchanged, and the steps each went: made, approved, locked, or returned."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# Nothing is ever changed: a step is a row, a correction is a report of its own beside the one it corrects. The content is the text that was signed.
CREATE = """
CREATE TABLE warehouse_report (
    id         uuid        NOT NULL PRIMARY KEY,
    report     text        NOT NULL,                -- specs/exports/<report>
    edition    text        NOT NULL,                -- <edition>.toml
    unit       text        NOT NULL CHECK (unit = 'province' OR unit ~ '^(facility|commune):[0-9A-Za-z]+$'),
    facility   text        NOT NULL,                -- who reports: of a commune its station; '' = the province
    labels     text[],                              -- restricted categories the whole report is about
    period     text        NOT NULL,
    starts     date        NOT NULL,
    ends       date        NOT NULL CHECK (ends > starts),
    number     integer     NOT NULL CHECK (number >= 0),
    attempt    integer     NOT NULL CHECK (attempt > 0),
    corrects   uuid        REFERENCES warehouse_report (id),
    seq        integer     NOT NULL CHECK (seq > 0),
    figures    bytea       NOT NULL CHECK (octet_length(figures) = 32),
    content    text        NOT NULL,
    sha256     bytea       NOT NULL CHECK (sha256 = sha256(convert_to(content, 'UTF8'))),
    CHECK ((number = 0) = (corrects IS NULL)),
    CHECK ((facility = '') = (unit = 'province')),
    UNIQUE (report, unit, period, number, attempt)
);
CREATE INDEX warehouse_report_unit ON warehouse_report (facility, ends);
COMMENT ON TABLE warehouse_report IS 'Periodic reports as they were made: never changed, corrected by another one beside (yba.warehouse.reports).';
COMMENT ON COLUMN warehouse_report.ends IS 'the first day after the period';
COMMENT ON COLUMN warehouse_report.number IS '0 the report, 1 and on its corrections';
COMMENT ON COLUMN warehouse_report.seq IS 'the export of the lake it was counted from';
COMMENT ON COLUMN warehouse_report.figures IS 'SHA-256 of rows, cells and checks alone: the same from the same data, whoever counts';

CREATE TABLE warehouse_report_step (
    report   uuid        NOT NULL REFERENCES warehouse_report (id),
    step     text        NOT NULL CHECK (step IN ('made', 'approved', 'locked', 'returned')),
    at       timestamptz NOT NULL,
    who      text        NOT NULL,
    name     text        NOT NULL,                  -- as the signature block has it
    words    text        NOT NULL CHECK (step <> 'returned' OR words <> ''),
    PRIMARY KEY (report, step)
);
REVOKE ALL ON warehouse_report, warehouse_report_step FROM yba_app;
GRANT SELECT, INSERT ON warehouse_report, warehouse_report_step TO yba_app;
"""
NOBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
REPORT = seen(
    facility="warehouse_report.facility",
    labels="warehouse_report.labels",
    opened=f"labels_open(warehouse_report.labels, {NOBODY}, warehouse_report.facility, 'MeasureReport', '')",
)
STEP = seen(more="EXISTS (SELECT FROM warehouse_report AS r WHERE r.id = warehouse_report_step.report)")
POLICIES = policy("warehouse_report", REPORT) + policy("warehouse_report_step", STEP)


class Migration(migrations.Migration):
    """The tables warehouse_report and warehouse_report_step."""

    dependencies = (("warehouse", "0001_lake_export"), ("record", "0015_opened"))
    operations = (migrations.RunSQL(CREATE + POLICIES, "DROP TABLE warehouse_report_step, warehouse_report"),)
