"""Say within the statement that holds a Patient's place whether anything of its person is restricted: labels spread across acts (yba.record.beside)."""

from django.db import migrations

# Volatile: it sees what was committed while the statement around it waited for the place. Nothing is told of what, where and how much; the record
# asks it of people it writes about, and a policy cannot answer (it shows a facility its own rows).
CREATE = """
CREATE FUNCTION is_restricted(whom uuid) RETURNS boolean LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    RETURN EXISTS (SELECT FROM labelled_person p WHERE p.person_id = whom);
END $$;
REVOKE ALL ON FUNCTION is_restricted(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_restricted(uuid) TO yba_app;
"""


class Migration(migrations.Migration):
    """The function is_restricted."""

    dependencies = (("record", "0015_opened"),)
    operations = (migrations.RunSQL(CREATE, "DROP FUNCTION is_restricted(uuid)"),)
