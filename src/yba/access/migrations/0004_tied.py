"""Ask by a function whether a relation of some kinds ties one person to some units: what the first lock asks of a single row."""

from django.db import migrations

# The condition of access.store.RELATED, word for word. It answers yes or no of a person whose id is known, as is_related does.
CREATE = """
CREATE FUNCTION is_tied(whom uuid, units text[], kinds text[], at timestamptz, since timestamptz) RETURNS boolean
    LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER SET search_path = public, pg_temp AS $$ BEGIN
    RETURN EXISTS (SELECT FROM relation r WHERE r.person_id = whom AND r.unit = ANY (units) AND r.kind = ANY (kinds) AND r.void_at IS NULL
                   AND r.start_at <= at AND (r.end_at IS NULL OR r.end_at >= since));
END $$;
REVOKE ALL ON FUNCTION is_tied(uuid, text[], text[], timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_tied(uuid, text[], text[], timestamptz, timestamptz) TO yba_app;
"""


class Migration(migrations.Migration):
    """The function is_tied."""

    dependencies = (("access", "0003_alias"),)
    operations = (migrations.RunSQL(CREATE, "DROP FUNCTION is_tied(uuid, text[], text[], timestamptz, timestamptz)"),)
