"""Know in one look-up that nothing of a person is restricted: whether anything is masked was asked of the record's 26 partitions by every search."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# Who had a labelled row at a facility, once: where nobody stands here nothing can be masked, where somebody does the rows themselves are asked.
# Rows are added by triggers, whose condition alone is looked at for the rest; taken away never, because what is asked then decides.
CREATE = f"""
CREATE TABLE labelled_person (
    person_id    uuid  NOT NULL,
    facility_id  text  COLLATE "C" NOT NULL,
    PRIMARY KEY (person_id, facility_id)
);
COMMENT ON TABLE labelled_person IS 'People of whom a facility has, or had, something of a restricted category: who is not here has nothing that could be masked.';
REVOKE ALL ON labelled_person FROM yba_app;
GRANT SELECT ON labelled_person TO yba_app;
{policy("labelled_person", seen(person="labelled_person.person_id", facility="labelled_person.facility_id"))}
CREATE FUNCTION note_labelled() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    INSERT INTO labelled_person (person_id, facility_id) VALUES (NEW.person_id, NEW.facility_id) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION note_labelled() FROM PUBLIC;
CREATE TRIGGER note_labelled_added AFTER INSERT ON resource FOR EACH ROW WHEN (NEW.labels IS NOT NULL) EXECUTE FUNCTION note_labelled();
CREATE TRIGGER note_labelled_changed AFTER UPDATE OF person_id, facility_id, labels ON resource FOR EACH ROW
    WHEN (NEW.labels IS NOT NULL) EXECUTE FUNCTION note_labelled();
INSERT INTO labelled_person SELECT DISTINCT person_id, facility_id FROM resource WHERE labels IS NOT NULL;
"""
DROP = """
DROP TRIGGER note_labelled_added ON resource; DROP TRIGGER note_labelled_changed ON resource; DROP FUNCTION note_labelled();
DROP TABLE labelled_person;
"""


class Migration(migrations.Migration):
    """The table labelled_person and the triggers that write it."""

    dependencies = (("record", "0013_patient_born"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
