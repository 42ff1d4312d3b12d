"""Note whose rows change without a later `updated`: who reads the record by what was written since finds them by it (yba.record.changed)."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy

# A merge, split or undo gives rows to another person, a claim of another person too: no new version, no new `updated`. And a clock that goes
# wrong writes an `updated` that lies before what was read already. A condition of the trigger, not of its body: it is looked at for each row
# that is written (a tenth of a microsecond), the body runs for those alone.
SLACK = "interval '50 minutes'"  # less than yba.record.changed.SLACK, by which a reader looks back
CREATE = f"""
CREATE TABLE record_touched (
    transaction  xid8  NOT NULL DEFAULT pg_current_xact_id(),
    person_id    uuid  NOT NULL,
    PRIMARY KEY (transaction, person_id)
);
COMMENT ON TABLE record_touched IS 'People some rows of whom changed without a later updated; taken away by who has read these rows (yba.record.forget_touched).';
COMMENT ON COLUMN record_touched.person_id IS 'whose they are now; 00000000-0000-0000-0000-000000000000 = nobody';
REVOKE ALL ON record_touched FROM yba_app;
GRANT SELECT, DELETE ON record_touched TO yba_app;
{policy("record_touched", f"{SCOPE} = 'all'")}
CREATE FUNCTION touch_record() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    INSERT INTO record_touched (person_id) VALUES (NEW.person_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION touch_record() FROM PUBLIC;
CREATE TRIGGER touch_record_added AFTER INSERT ON resource FOR EACH ROW
    WHEN (NEW.updated < now() - {SLACK}) EXECUTE FUNCTION touch_record();
CREATE TRIGGER touch_record_changed AFTER UPDATE ON resource FOR EACH ROW
    WHEN (NEW.updated <= OLD.updated OR NEW.updated < now() - {SLACK}) EXECUTE FUNCTION touch_record();
"""
DROP = """
DROP TRIGGER touch_record_added ON resource; DROP TRIGGER touch_record_changed ON resource; DROP FUNCTION touch_record(); DROP TABLE record_touched;
"""


class Migration(migrations.Migration):
    """The table record_touched and the triggers that write it."""

    dependencies = (("record", "0011_search_added"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
