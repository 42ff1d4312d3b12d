"""Create emergency accesses with their review, and what people are told."""

from django.db import migrations

from yba.kit.row_security import ACTOR, policy, seen

CREATE = """
CREATE TABLE emergency (
    id          uuid PRIMARY KEY,
    person_id   uuid NOT NULL,
    account     uuid NOT NULL,
    who         text NOT NULL,
    role        text NOT NULL,
    facility    text COLLATE "C" NOT NULL,
    ground      text NOT NULL,
    reason      text NOT NULL CHECK (length(reason) >= 10),
    opened_at   timestamptz NOT NULL,
    ends_at     timestamptz NOT NULL CHECK (ends_at > opened_at),
    review_by   timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'justified', 'unjustified')),
    reviewed_at timestamptz,
    reviewed_by text,
    words       text,
    CHECK ((state = 'open') = (reviewed_at IS NULL)),
    CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
    CHECK ((reviewed_at IS NULL) = (words IS NULL)),
    CHECK (reviewed_by <> who)
);
CREATE INDEX emergency_open ON emergency (review_by) WHERE state = 'open';
CREATE INDEX emergency_person ON emergency (person_id);
CREATE TABLE notice (
    id           uuid PRIMARY KEY,
    person_id    uuid NOT NULL,
    at           timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('emergency', 'unjustified')),
    emergency_id uuid NOT NULL,
    role         text NOT NULL,
    facility     text COLLATE "C" NOT NULL,
    ground       text NOT NULL,
    ends_at      timestamptz NOT NULL
);
CREATE INDEX notice_person ON notice (person_id, at);
COMMENT ON TABLE emergency IS 'Break-glass: who opened whose record without a relation, why, until when; each is reviewed by the privacy officer.';
COMMENT ON TABLE notice IS 'What a person is told about the own record; no reason and no clinical word stands here.';
REVOKE ALL ON emergency, notice FROM yba_app;
GRANT SELECT, INSERT, UPDATE (state, reviewed_at, reviewed_by, words) ON emergency TO yba_app;
GRANT SELECT, INSERT ON notice TO yba_app;
"""

# Facility and relation open no emergency: a colleague at the same hospital does not see who broke the glass.
EMERGENCY = seen(person="emergency.person_id", relation=False, more=f"emergency.who = {ACTOR}")
NOTICE = seen(person="notice.person_id", relation=False)


class Migration(migrations.Migration):
    """The tables emergency and notice."""

    dependencies = (("access", "0001_relation"),)
    operations = (migrations.RunSQL(CREATE + policy("emergency", EMERGENCY) + policy("notice", NOTICE), "DROP TABLE notice, emergency"),)
