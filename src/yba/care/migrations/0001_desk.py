"""Create the workflow of the desks: visits with who did what, due items, codes a station uses; every clinical fact stands in the record."""

from django.db import migrations

from yba.kit.row_security import policy, seen

CREATE = """
CREATE TABLE care_visit (
    id         uuid PRIMARY KEY,            -- the id of its Encounter
    person_id  uuid NOT NULL,
    patient_id uuid NOT NULL,               -- the source Patient it refers to: what a merge or split takes along
    facility   text NOT NULL,
    department text NOT NULL,
    kind       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('waiting', 'open', 'closed', 'cancelled')),
    reason     text NOT NULL,
    programme  text NOT NULL DEFAULT '',
    number     integer NOT NULL CHECK (number > 0),
    link       text NOT NULL,               -- MA_LK of its claim
    opened_by  text NOT NULL,
    opened_at  timestamptz NOT NULL,
    day        date NOT NULL,
    closed_at  timestamptz,
    CHECK ((closed_at IS NULL) = (state IN ('waiting', 'open')))
);
CREATE INDEX care_visit_queue ON care_visit (facility, day, state);
CREATE INDEX care_visit_person ON care_visit (person_id);
COMMENT ON COLUMN care_visit.number IS 'rises with each act: an act carries the number it saw';

CREATE TABLE care_act (
    visit  uuid NOT NULL,
    number integer NOT NULL,
    at     timestamptz NOT NULL,
    who    text NOT NULL,
    kind   text NOT NULL,
    key    text NOT NULL,                   -- of the page that sent it: the same key again is the same act
    refs   text[] NOT NULL,                 -- resources written
    PRIMARY KEY (visit, number)
);
CREATE UNIQUE INDEX care_act_key ON care_act (visit, key) WHERE key <> '';

CREATE TABLE care_due (
    id         uuid PRIMARY KEY,            -- of an appointment: the id of its Appointment
    person_id  uuid NOT NULL,
    patient_id uuid NOT NULL,
    facility   text NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('appointment', 'result')),
    programme  text NOT NULL,
    due        date NOT NULL,
    state      text NOT NULL CHECK (state IN ('open', 'kept', 'cancelled')),
    visit      uuid NOT NULL,               -- that made it
    kept_by    uuid,                        -- the visit that kept it
    noted_at   timestamptz NOT NULL
);
CREATE INDEX care_due_open ON care_due (facility, due) WHERE state = 'open';
CREATE INDEX care_due_person ON care_due (person_id);

CREATE TABLE care_use (
    facility text NOT NULL,
    list     text NOT NULL,
    code     text NOT NULL,
    times    integer NOT NULL,
    last     date NOT NULL,
    PRIMARY KEY (facility, list, code)
);
COMMENT ON TABLE care_use IS 'how often a facility chose a code at a desk: favourites; of nobody in particular';
REVOKE ALL ON care_visit, care_act, care_due, care_use FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON care_visit, care_due, care_use TO yba_app;
GRANT SELECT, INSERT ON care_act TO yba_app;
"""

POLICIES = (
    policy("care_visit", seen(person="care_visit.person_id", facility="care_visit.facility"))
    + policy("care_act", seen(more="EXISTS (SELECT FROM care_visit AS v WHERE v.id = care_act.visit)"))
    + policy("care_due", seen(person="care_due.person_id", facility="care_due.facility"))
    + policy("care_use", seen(facility="care_use.facility"))
)
DROP = "DROP TABLE care_use, care_due, care_act, care_visit"


class Migration(migrations.Migration):
    """Visits, acts, due items, favourites."""

    initial = True
    dependencies = (("access", "0001_relation"),)
    operations = (migrations.RunSQL(CREATE + POLICIES, DROP),)
