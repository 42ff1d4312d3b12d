"""Note which messages were judged or taken back: who counts receipts by month (yba.ingest.measured) finds what to count anew by it."""

from django.db import migrations

from yba.kit.row_security import SCOPE, policy

# A message changes its state once when its claims have been judged and once when it is taken back: one small row each time, whatever it holds.
# What is refused or set aside as it lands comes by INSERT, into the partition too: the trigger of the parent stands on it.
CREATE = f"""
CREATE TABLE intake_touched (
    transaction  xid8    NOT NULL DEFAULT pg_current_xact_id(),
    message      bigint  NOT NULL,
    PRIMARY KEY (transaction, message)
);
COMMENT ON TABLE intake_touched IS 'Messages whose claims were judged or taken back; taken away by who has counted them (yba.ingest.forget_touched).';
REVOKE ALL ON intake_touched FROM yba_app;
GRANT SELECT, DELETE ON intake_touched TO yba_app;
{policy("intake_touched", f"{SCOPE} = 'all'")}
CREATE FUNCTION touch_intake() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    INSERT INTO intake_touched (message) VALUES (NEW.seq) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION touch_intake() FROM PUBLIC;
CREATE TRIGGER touch_intake_added AFTER INSERT ON message FOR EACH ROW
    WHEN (NEW.state <> 'received') EXECUTE FUNCTION touch_intake();
CREATE TRIGGER touch_intake_changed AFTER UPDATE ON message FOR EACH ROW
    WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION touch_intake();
CREATE INDEX message_received ON message USING brin (received_at) WITH (pages_per_range = 16);
"""
DROP = """
DROP INDEX message_received;
DROP TRIGGER touch_intake_added ON message; DROP TRIGGER touch_intake_changed ON message; DROP FUNCTION touch_intake(); DROP TABLE intake_touched;
"""


class Migration(migrations.Migration):
    """The table intake_touched, the triggers that write it, and an index of messages by the time they came."""

    dependencies = (("ingest", "0005_narrow_versions"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
