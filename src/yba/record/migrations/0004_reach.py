"""Lay the policies of the record anew: by facility, person, relation, restricted category and type, as a Lock tells (docs/design/walls.md)."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# A birth certificate also stands in the record of the child: whoever is let in to the child's record is let in to it.
SECOND = """
CREATE FUNCTION stands_with(type text, fhir_id text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE persons text := current_setting('yba.persons', true); BEGIN
    IF persons IS NULL OR persons IN ('', '{}') THEN RETURN false; END IF;
    RETURN EXISTS (SELECT FROM secondary s WHERE s.person_id = ANY (persons::uuid[]) AND s.rtype = type AND s.id = fhir_id);
END $$;
REVOKE ALL ON FUNCTION stands_with(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stands_with(text, text) TO yba_app;
"""
RESOURCE = seen(
    person="resource.person_id",
    facility="resource.facility_id",
    labels="resource.labels",
    rtype="resource.rtype",
    more="stands_with(resource.rtype, coalesce(resource.given_id, resource.id::text))",
)
HISTORY = seen(
    person="resource_history.person_id",
    facility="resource_history.facility_id",
    labels="resource_history.labels",
    rtype="resource_history.rtype",
)
LOCATOR = seen(person="locator.person_id", facility="locator.facility_id")
SECONDARY = seen(person="secondary.person_id", more="EXISTS (SELECT FROM locator l WHERE l.key = secondary.key)")

SQL = f"""{SECOND}
DROP POLICY within_facilities ON resource;
DROP POLICY within_facilities ON resource_history;
DROP POLICY within_facilities ON locator;
DROP POLICY as_its_resource ON secondary;
{policy("resource", RESOURCE)}{policy("resource_history", HISTORY)}{policy("locator", LOCATOR)}{policy("secondary", SECONDARY)}
CREATE OR REPLACE VIEW resource_seen AS SELECT * FROM resource WHERE {RESOURCE};
COMMENT ON VIEW resource_seen IS 'resource under the condition of its policy without the barrier of a policy, for searches by index.';
"""


class Migration(migrations.Migration):
    """Policies of resource, resource_history, locator, secondary; the view resource_seen."""

    dependencies = (("record", "0003_narrow_rows"), ("access", "0001_relation"))
    operations = (migrations.RunSQL(SQL),)
