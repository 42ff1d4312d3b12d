"""Create what clerks decide about conflicts: one line for each question, answer, decision and undo; nothing is ever taken away."""

from django.db import migrations

from yba.kit.row_security import policy, seen

CREATE = """
CREATE TABLE review_decision (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review   uuid NOT NULL,
    at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    who      text NOT NULL,
    kind     text NOT NULL CHECK (kind IN ('merged', 'right', 'different', 'split', 'asked', 'answered', 'proposed', 'declined', 'undone')),
    reason   text NOT NULL,
    words    text NOT NULL,
    act      bigint,
    proposal uuid,
    CHECK (reason <> '' OR words <> ''),
    CHECK (kind NOT IN ('merged', 'split') OR act IS NOT NULL),
    CHECK ((kind IN ('proposed', 'declined')) <= (proposal IS NOT NULL))
);
CREATE INDEX review_decision_review ON review_decision (review, id);
CREATE INDEX review_decision_act ON review_decision (act) WHERE act IS NOT NULL;
CREATE INDEX review_decision_proposal ON review_decision (proposal) WHERE proposal IS NOT NULL;
CREATE INDEX review_item_source ON review_item (facility, local_id);
COMMENT ON TABLE review_decision IS 'What was asked, answered, decided and undone about a conflict, by whom and why; its last line is where it stands.';
COMMENT ON COLUMN review_decision.reason IS 'a ready reason of specs/identity/desk.toml; empty when it is said in words only';
COMMENT ON COLUMN review_decision.act IS 'the act on people (person_act) it led to';
REVOKE ALL ON review_decision FROM yba_app;
GRANT SELECT, INSERT ON review_decision TO yba_app;
"""
# Who sees the conflict (its own policy decides) sees what was decided about it.
POLICY = policy("review_decision", seen(more="EXISTS (SELECT FROM review_item AS about WHERE about.id = review_decision.review)"))
DROP = "DROP INDEX review_item_source; DROP TABLE review_decision"


class Migration(migrations.Migration):
    """Decisions and who sees them."""

    dependencies = (("identity", "0010_registers"),)
    operations = (migrations.RunSQL(CREATE + POLICY, DROP),)
