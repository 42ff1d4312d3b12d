"""Create the directory: dated facilities, and when facilities, departments and practitioners were seen in claims."""

from django.db import migrations

# GS1 mod-10 over all thirteen digits, check digit included: weights 1,3,1,…,1 give a multiple of ten.
GLN = " + ".join(f"substr(gln, {at}, 1)::int * {1 if at % 2 else 3}" for at in range(1, 14))

CREATE = f"""
CREATE TABLE facility (
    code       text COLLATE "C" NOT NULL CHECK (code <> ''),
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to   date NOT NULL DEFAULT 'infinity',
    name       text NOT NULL DEFAULT '',
    level      text NOT NULL DEFAULT '',
    kind       text NOT NULL DEFAULT '',
    province   text COLLATE "C" NOT NULL DEFAULT '',
    commune    text COLLATE "C" NOT NULL DEFAULT '',
    address    text NOT NULL DEFAULT '',
    gln        text COLLATE "C" NOT NULL DEFAULT '',
    successor  text COLLATE "C" NOT NULL DEFAULT '',
    source     text NOT NULL CHECK (source IN ('claims', 'list', 'administrator')),
    complete   boolean NOT NULL DEFAULT false,
    PRIMARY KEY (code, valid_from),
    CHECK (valid_from <= valid_to),
    CHECK (successor = '' OR valid_to < 'infinity'),
    CHECK (NOT complete OR (name <> '' AND source = 'administrator')),
    CHECK (CASE WHEN gln = '' THEN true WHEN gln ~ '^[0-9]{{13}}$' THEN ({GLN}) % 10 = 0 ELSE false END)
);
CREATE UNIQUE INDEX facility_open ON facility (code) WHERE valid_to = 'infinity';
CREATE INDEX facility_gln ON facility (gln) WHERE gln <> '';
COMMENT ON TABLE facility IS 'What a facility code meant from when to when; a change closes the old row and opens a new one.';
COMMENT ON COLUMN facility.valid_from IS '-infinity: since before anybody wrote it down.';
COMMENT ON COLUMN facility.complete IS 'An administrator has confirmed the row; others come from claims or a packaged list.';

CREATE TABLE facility_seen (
    code       text COLLATE "C" PRIMARY KEY,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL CHECK (first_seen <= last_seen)
);
CREATE TABLE department (
    facility   text COLLATE "C" NOT NULL,
    code       text COLLATE "C" NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL CHECK (first_seen <= last_seen),
    PRIMARY KEY (facility, code)
);
CREATE TABLE practitioner (
    licence    text COLLATE "C" NOT NULL,
    facility   text COLLATE "C" NOT NULL,
    name       text NOT NULL DEFAULT '',
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL CHECK (first_seen <= last_seen),
    PRIMARY KEY (licence, facility)
);
COMMENT ON TABLE practitioner IS 'Licence numbers as claims name them, by the facility that named them.';
REVOKE ALL ON facility, facility_seen, department, practitioner FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON facility, facility_seen, department, practitioner TO yba_app;
"""

DROP = "DROP TABLE facility, facility_seen, department, practitioner"


class Migration(migrations.Migration):  # type: ignore[misc]  # Django has no types of its own
    """The tables of the directory."""

    initial = True
    operations = (migrations.RunSQL(CREATE, DROP),)
