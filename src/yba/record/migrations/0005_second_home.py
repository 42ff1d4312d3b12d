"""Let whoever is let in to a person's record look up where what stands there from elsewhere is at home (docs/design/walls.md)."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# The policy of secondary asks locator: asking back by a policy would go in circles, so it is a function of the owner.
STANDS = """
CREATE FUNCTION stands_at(wanted uuid) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE persons text := current_setting('yba.persons', true); BEGIN
    IF persons IS NULL OR persons IN ('', '{}') THEN RETURN false; END IF;
    RETURN EXISTS (SELECT FROM secondary s WHERE s.key = wanted AND s.person_id = ANY (persons::uuid[]));
END $$;
REVOKE ALL ON FUNCTION stands_at(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION stands_at(uuid) TO yba_app;
"""
LOCATOR = seen(person="locator.person_id", facility="locator.facility_id", more="stands_at(locator.key)")


class Migration(migrations.Migration):
    """The policy of locator."""

    dependencies = (("record", "0004_reach"),)
    operations = (migrations.RunSQL(STANDS + policy("locator", LOCATOR)),)
