"""Create the drafts of forms, what was kept beside them, and the forms of the province's own; under row security."""

from django.db import migrations

from yba.kit.row_security import policy, seen

CREATE = f"""
CREATE TABLE form_draft (
    id          uuid PRIMARY KEY,
    form        text NOT NULL,          -- url of the Questionnaire
    version     text NOT NULL,
    person_id   uuid NOT NULL,
    facility    text NOT NULL,
    visit       uuid,
    patient     text NOT NULL,          -- id of the Patient the answers are about
    encounter   text NOT NULL,          -- id of the Encounter they were given in; '' none
    number      integer NOT NULL CHECK (number > 0),
    state       text NOT NULL CHECK (state IN ('open', 'finished', 'dropped')),
    answers     jsonb NOT NULL,         -- fields as a browser sends them
    opened_by   text NOT NULL,
    opened_at   timestamptz NOT NULL,
    kept_by     text NOT NULL,
    kept_at     timestamptz NOT NULL,
    response    text NOT NULL DEFAULT '',
    resources   jsonb NOT NULL DEFAULT '[]',
    CHECK ((state = 'finished') = (response <> ''))
);
COMMENT ON TABLE form_draft IS 'A form being filled in: workflow, no clinical fact; what is finished stands in the record';
CREATE UNIQUE INDEX form_draft_open ON form_draft (person_id, form, facility, coalesce(visit, '00000000-0000-0000-0000-000000000000')) WHERE state = 'open';
CREATE INDEX form_draft_work ON form_draft (facility, kept_at) WHERE state = 'open';
CREATE INDEX form_draft_person ON form_draft (person_id);

CREATE TABLE form_draft_aside (
    draft       uuid NOT NULL REFERENCES form_draft (id),
    number      integer NOT NULL,       -- the number its writer had seen
    answers     jsonb NOT NULL,
    kept_by     text NOT NULL,
    kept_at     timestamptz NOT NULL,
    person_id   uuid NOT NULL,
    facility    text NOT NULL,
    PRIMARY KEY (draft, kept_by)
);
COMMENT ON TABLE form_draft_aside IS 'Answers kept although somebody else had kept in between: nothing typed is lost';

CREATE TABLE form_own (
    url         text NOT NULL,
    version     text NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date,
    state       text NOT NULL CHECK (state IN ('draft', 'active', 'retired')),
    questionnaire jsonb NOT NULL,
    added_by    text NOT NULL,
    added_at    timestamptz NOT NULL,
    PRIMARY KEY (url, version)
);
COMMENT ON TABLE form_own IS 'Forms the province made itself (no person stands in them)';

REVOKE TRUNCATE, DELETE ON form_draft, form_draft_aside, form_own FROM yba_app;
GRANT DELETE ON form_draft_aside TO yba_app;
{policy("form_draft", seen(person="form_draft.person_id", facility="form_draft.facility"))}
{policy("form_draft_aside", seen(person="form_draft_aside.person_id", facility="form_draft_aside.facility"))}
{policy("form_own", "true")}
"""


class Migration(migrations.Migration):
    dependencies = [("record", "0009_awaited")]
    operations = [migrations.RunSQL(CREATE, "DROP TABLE form_draft_aside, form_draft, form_own")]
