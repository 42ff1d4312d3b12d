"""Lay the policies of the record anew: by facility, person, relation, restricted category and type, as a Lock tells (docs/design/walls.md)."""

from django.db import migrations

from yba.kit.row_security import policy, related, seen, some, within

# A birth certificate also stands in the record of the child: whoever is let in to the child's record is let in to it.
SECOND = f"""({some("persons")} AND EXISTS (SELECT FROM secondary AS second WHERE {within("persons", "second.person_id", "uuid")}
    AND second.rtype = resource.rtype AND second.id = coalesce(resource.given_id, resource.id::text)))"""
RESOURCE = seen(
    person="resource.person_id", facility="resource.facility_id", labels="resource.labels", rtype="resource.rtype", more=SECOND
)
HISTORY = seen(
    person="resource_history.person_id",
    facility="resource_history.facility_id",
    labels="resource_history.labels",
    rtype="resource_history.rtype",
)
LOCATOR = seen(person="locator.person_id", facility="locator.facility_id")
SECONDARY = f"""({within("persons", "secondary.person_id", "uuid")} OR {related("secondary.person_id")}
    OR EXISTS (SELECT FROM locator l WHERE l.key = secondary.key))"""

SQL = f"""
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
