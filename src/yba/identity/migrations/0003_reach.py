"""Put people, sources, identifiers, owners and conflicts under row security (docs/design/walls.md)."""

from django.db import migrations

from yba.kit.row_security import behind, policy, seen, within

# A facility reaches the people it is a source of, and of them what it said itself.
HELD_BY = """EXISTS (SELECT FROM person_source AS mine WHERE mine.person_id = {person} AND {facility})"""
MINE = within("facilities", "mine.facility")

PERSON = seen(person="person.id", more=HELD_BY.format(person="person.id", facility=MINE))
SOURCE = seen(person="person_source.person_id", facility="person_source.facility")
# The sources the actor sees (their own policy decides) carry their identifiers along.
IDENTIFIER = seen(
    facility="identifier.facility",
    more="EXISTS (SELECT FROM person_source AS said WHERE said.facility = identifier.facility AND said.local_id = identifier.local_id"
    " AND said.variant = identifier.variant)",
)
OWNER = seen(person="identifier_owner.person_id", more=HELD_BY.format(person="identifier_owner.person_id", facility=MINE))
REVIEW = seen(facility="review_item.facility")

SQL = (
    behind("person", "id", "SELECT, INSERT, UPDATE", primary="id")
    + behind("person_source", "facility, local_id, variant", "SELECT, INSERT, UPDATE", primary="facility, local_id, variant")
    + behind("identifier", "facility, local_id, variant", "SELECT, INSERT, UPDATE", primary="facility, local_id, variant, type, value")
    + behind("identifier_owner", "type, value", "SELECT, INSERT, UPDATE, DELETE", primary="type, value, person_id")
    + policy("person", PERSON)
    + policy("person_source", SOURCE)
    + policy("identifier", IDENTIFIER)
    + policy("identifier_owner", OWNER)
    + policy("review_item", REVIEW)
)


class Migration(migrations.Migration):
    """Parents and policies."""

    dependencies = (("identity", "0002_withdrawn"), ("access", "0001_relation"))
    operations = (migrations.RunSQL(SQL),)
