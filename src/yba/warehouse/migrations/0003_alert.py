"""Keep what was told of numbers: alerts with who answered them, and when each rule was judged last."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy, seen

CREATE = f"""
CREATE TABLE warehouse_alert (
    id               uuid             NOT NULL PRIMARY KEY,
    rule             text             NOT NULL,
    severity         text             NOT NULL CHECK (severity IN ('info', 'warning', 'urgent')),
    measure          text             NOT NULL,
    period           text             NOT NULL,
    facility         text,
    area             text,
    detail           text,
    value            double precision,
    expected         double precision,
    low              double precision,
    high             double precision,
    reason           text             NOT NULL,
    first_period     text             NOT NULL,
    raised_at        timestamptz      NOT NULL,
    seen_at          timestamptz      NOT NULL,
    acknowledged_at  timestamptz,
    acknowledged_by  text,
    note             text             NOT NULL DEFAULT '',
    closed_at        timestamptz,
    closed_by        text,
    closing          text             NOT NULL DEFAULT '',
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE UNIQUE INDEX warehouse_alert_open ON warehouse_alert (rule, coalesce(facility, ''), coalesce(area, ''), coalesce(detail, ''))
    WHERE closed_at IS NULL;
CREATE INDEX warehouse_alert_raised ON warehouse_alert (raised_at);
COMMENT ON TABLE warehouse_alert IS 'A number beyond what a rule of specs/alerts allows, about one place: at most one open for each rule and place. No data of a person, no number of few people.';
COMMENT ON COLUMN warehouse_alert.facility IS 'MA_CSKCB; NULL: not about one facility';
COMMENT ON COLUMN warehouse_alert.area IS 'commune of 2025; NULL: not about one commune';
COMMENT ON COLUMN warehouse_alert.value IS 'NULL where it is about too few people to be said';
COMMENT ON COLUMN warehouse_alert.reason IS 'code of what was found (yba.warehouse.alerts.model.Reason)';
COMMENT ON COLUMN warehouse_alert.first_period IS 'period in which it was raised; period is the one seen last';
COMMENT ON COLUMN warehouse_alert.closed_by IS 'system:… when the number is what it should be again';
CREATE TABLE warehouse_alert_rule (
    rule       text        NOT NULL PRIMARY KEY,
    seq        integer     NOT NULL,
    judged_at  timestamptz NOT NULL,
    period     text        NOT NULL,
    state      text        NOT NULL,
    places     integer     NOT NULL,
    unknown    integer     NOT NULL,
    firing     integer     NOT NULL
);
COMMENT ON TABLE warehouse_alert_rule IS 'How each rule was judged last: on which export of the lake, of how many places something could be said, and of how many not.';
REVOKE ALL ON warehouse_alert, warehouse_alert_rule FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON warehouse_alert, warehouse_alert_rule TO yba_app;
{policy("warehouse_alert", seen(facility="facility"))}
{policy("warehouse_alert_rule", f"{SCOPE} IS NOT NULL")}
"""


class Migration(migrations.Migration):
    """The tables warehouse_alert and warehouse_alert_rule."""

    dependencies = (("warehouse", "0002_report"),)
    operations = (migrations.RunSQL(CREATE, "DROP TABLE warehouse_alert, warehouse_alert_rule"),)
