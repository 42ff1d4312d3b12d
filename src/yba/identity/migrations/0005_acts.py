"""Create acts on people (merge, split, undo) with what they changed, proposals that wait for a second person, kin and households."""

from django.db import migrations

from yba.kit.row_security import behind, policy, seen, within

ACTS = """
CREATE TABLE person_act (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind        text NOT NULL CHECK (kind IN ('merge', 'split', 'undo')),
    giver       uuid NOT NULL,
    taker       uuid NOT NULL,
    who         text NOT NULL,
    second      text,
    reason      text NOT NULL,
    sources     jsonb NOT NULL,
    changed     jsonb NOT NULL DEFAULT '{}',
    reverts     bigint,
    reverted_by bigint,
    CHECK (giver <> taker),
    CHECK (second <> who)
);
CREATE INDEX person_act_giver ON person_act (giver);
CREATE INDEX person_act_taker ON person_act (taker);
COMMENT ON TABLE person_act IS 'A merge, split or undo: everything it changed as it was before, and what it left, so that it can be taken back.';
COMMENT ON COLUMN person_act.sources IS '[facility, patient number, variant] of the sources that moved from giver to taker';
COMMENT ON COLUMN person_act.reverts IS 'the act that this one took back';
REVOKE ALL ON person_act FROM yba_app;
GRANT SELECT, INSERT, UPDATE (changed, reverted_by) ON person_act TO yba_app;

CREATE TABLE person_proposal (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind        text NOT NULL CHECK (kind IN ('merge', 'split', 'undo')),
    giver       uuid NOT NULL,
    taker       uuid NOT NULL,
    request     jsonb NOT NULL,
    guards      text[] NOT NULL,
    reason      text NOT NULL,
    who         text NOT NULL,
    state       text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'carried-out', 'declined')),
    decided_at  timestamptz,
    decided_by  text,
    words       text,
    act         bigint,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((state = 'carried-out') = (act IS NOT NULL)),
    CHECK (state <> 'carried-out' OR decided_by <> who)
);
CREATE INDEX person_proposal_open ON person_proposal (at) WHERE state = 'open';
COMMENT ON TABLE person_proposal IS 'A merge that needs a second person: proposed by one, carried out when another approves.';
REVOKE ALL ON person_proposal FROM yba_app;
GRANT SELECT, INSERT, UPDATE (state, decided_at, decided_by, words, act) ON person_proposal TO yba_app;

-- merged_into always names a living person: no chain grows long, and no circle can close.
CREATE FUNCTION person_is_no_circle() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE into_whom uuid; BEGIN
    SELECT p.merged_into INTO into_whom FROM person p WHERE p.id = NEW.id;
    IF into_whom IS NOT NULL AND (
        EXISTS (SELECT FROM person p WHERE p.merged_into = NEW.id)
        OR NOT EXISTS (SELECT FROM person p WHERE p.id = into_whom AND p.merged_into IS NULL)
    ) THEN
        RAISE EXCEPTION 'merged_into must name a living person' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER person_no_circle AFTER UPDATE OF merged_into ON person DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION person_is_no_circle();
"""
KIN = """
CREATE TABLE person_link (
    person_id      uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('mother')),
    other          uuid NOT NULL,
    since          date NOT NULL,
    facility       text NOT NULL,
    local_id       text NOT NULL,
    variant        smallint NOT NULL,
    other_local_id text NOT NULL,
    ground_type    text NOT NULL,
    ground_id      text NOT NULL,
    noted_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (person_id, kind, facility, local_id, variant)
);
CREATE INDEX person_link_other ON person_link (other);
COMMENT ON TABLE person_link IS 'other is the mother of person_id, as this source (a certificate) says; moved by merge and split with the source.';

CREATE TABLE household (
    id        uuid PRIMARY KEY,
    commune   text NOT NULL,
    book      text NOT NULL,
    since     date NOT NULL,
    until     date,
    CHECK (since <= until)
);
CREATE UNIQUE INDEX household_book ON household (commune, book) WHERE until IS NULL;
CREATE TABLE household_member (
    household   uuid NOT NULL,
    person_id   uuid NOT NULL,
    relation    text NOT NULL,
    since       date NOT NULL,
    until       date,
    source_type text NOT NULL,
    source_id   text NOT NULL,
    who         text NOT NULL,
    noted_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (household, person_id, since),
    CHECK (since <= until)
);
CREATE INDEX household_member_person ON household_member (person_id);
COMMENT ON TABLE household IS 'A household by its book number in a commune (2025 code); who heads it is the member with relation head.';
COMMENT ON COLUMN household_member.relation IS 'to the head: head, spouse, child, parent, sibling, other';
REVOKE ALL ON household, household_member FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON household, household_member TO yba_app;
"""


def related(column: str) -> str:
    """The bound see a row by either person it names."""
    return f"{within('persons', column, 'uuid')} OR is_related({column})"


SQL = (
    ACTS
    + KIN
    + behind("person_link", "person_id", "SELECT, INSERT, UPDATE", primary="person_id, kind, facility, local_id, variant")
    + policy("person_act", seen(person="person_act.taker", more=related("person_act.giver")))
    + policy("person_proposal", seen(person="person_proposal.taker", more=related("person_proposal.giver")))
    + policy("person_link", seen(person="person_link.person_id", facility="person_link.facility", more=related("person_link.other")))
    + policy("household_member", seen(person="household_member.person_id"))
    + policy("household", seen(more="EXISTS (SELECT FROM household_member AS m WHERE m.household = household.id)"))
)
DROP = (
    "DROP TRIGGER person_no_circle ON person; DROP FUNCTION person_is_no_circle();"
    " DROP TABLE household_member, household, person_link, person_proposal, person_act"
)


class Migration(migrations.Migration):
    """Acts, proposals, kin, households."""

    dependencies = (("identity", "0004_matching"), ("access", "0001_relation"))
    operations = (migrations.RunSQL(SQL, DROP),)
