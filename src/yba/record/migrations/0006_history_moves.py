"""Let the history of a resource be seen by whoever sees the resource now: after a merge or a split it is read with its person of today."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# History rows stay under the person they were written for; whose they are now, the locator says. A function, as in the other policies of
# the record: sub-selects would be planned for every partition.
NOW = """
CREATE FUNCTION is_reached_now(wanted uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE persons text := NULLIF(current_setting('yba.persons', true), ''); whom uuid; BEGIN
    SELECT l.person_id INTO whom FROM locator l WHERE l.key = wanted;
    RETURN whom IS NOT NULL AND (whom = ANY (coalesce(persons, '{}')::uuid[]) OR is_related(whom));
END $$;
REVOKE ALL ON FUNCTION is_reached_now(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_reached_now(uuid) TO yba_app;
"""
HISTORY = seen(
    facility="resource_history.facility_id",
    labels="resource_history.labels",
    rtype="resource_history.rtype",
    more="is_reached_now(locator_key(resource_history.rtype, coalesce(resource_history.given_id, resource_history.id::text)))",
)


class Migration(migrations.Migration):
    """The policy of resource_history."""

    dependencies = (("record", "0005_second_home"),)
    operations = (migrations.RunSQL(NOW + policy("resource_history", HISTORY)),)
