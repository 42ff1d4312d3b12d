"""Let row security know for whom a restricted category is open: setting yba.labels says it, function labels_open reads it (docs/decisions/0016)."""

from django.db import migrations

from yba.kit.row_security import policy, seen

# Asked of labelled rows alone. `whom` null: whoever the resource belongs to now (history). A birth certificate of a child also stands in the
# mother's record, and is read there as hers. A relation counts as the first lock counts it, but for a whole day (kit.reach.Opening).
OPEN = """
CREATE FUNCTION labels_open(labels text[], whom uuid, facility text, type text, ident text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp AS $$ DECLARE told text := current_setting('yba.labels', true); owner uuid := whom; BEGIN
    IF told IS NULL OR told = '' THEN RETURN false; END IF;
    IF whom IS NULL THEN SELECT l.person_id INTO owner FROM locator l WHERE l.key = locator_key(type, ident); END IF;
    RETURN EXISTS (
        SELECT FROM jsonb_to_recordset(told::jsonb) AS o (labels text[], types text[], everywhere boolean, facilities text[], persons uuid[],
                                                          units text[], kinds text[], since timestamptz, until timestamptz)
         WHERE (o.labels IS NULL OR labels_open.labels <@ o.labels) AND (o.types IS NULL OR type = ANY (o.types))
           AND (o.everywhere OR facility = ANY (o.facilities) OR EXISTS (
                SELECT FROM (SELECT owner AS home UNION ALL SELECT s.person_id FROM secondary s WHERE s.key = locator_key(type, ident)) AS h
                 WHERE h.home = ANY (o.persons) OR EXISTS (
                       SELECT FROM relation r WHERE r.person_id = h.home AND r.unit = ANY (o.units) AND r.kind = ANY (o.kinds)
                          AND r.void_at IS NULL AND r.start_at < o.until AND (r.end_at IS NULL OR r.end_at >= o.since)))));
END $$;
REVOKE ALL ON FUNCTION labels_open(text[], uuid, text, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION labels_open(text[], uuid, text, text, text) TO yba_app;
"""
IDENT = "coalesce({table}.given_id, {table}.id::text)"


def _opened(table: str, *, person: str = "{table}.person_id", ident: str = "NULL") -> str:
    columns = (f"{table}.labels", person.format(table=table), f"{table}.facility_id", f"{table}.rtype", ident.format(table=table))
    return f"labels_open({', '.join(columns)})"


RESOURCE = seen(
    person="resource.person_id",
    facility="resource.facility_id",
    labels="resource.labels",
    opened=_opened("resource", ident=IDENT),
    rtype="resource.rtype",
    more="stands_with(resource.rtype, coalesce(resource.given_id, resource.id::text))",
)
HISTORY = seen(
    facility="resource_history.facility_id",
    labels="resource_history.labels",
    opened=_opened("resource_history", person="NULL", ident=IDENT),
    rtype="resource_history.rtype",
    more="is_reached_now(locator_key(resource_history.rtype, coalesce(resource_history.given_id, resource_history.id::text)))",
)


def _plain(table: str) -> str:
    return seen(person=f"{table}.person_id", facility=f"{table}.facility_id", labels=f"{table}.labels", opened=_opened(table), rtype=f"{table}.rtype")


SQL = OPEN + policy("resource", RESOURCE) + policy("resource_history", HISTORY)
SQL += "".join(policy(table, _plain(table)) for table in ("visit_link", "search_text", "search_range"))
SQL += f"CREATE OR REPLACE VIEW resource_seen AS SELECT * FROM resource WHERE {RESOURCE};\n"
SQL += "".join(f"CREATE OR REPLACE VIEW {table}_seen AS SELECT * FROM {table} WHERE {_plain(table)};\n" for table in ("search_text", "search_range"))


class Migration(migrations.Migration):
    """The function labels_open; policies and views of the five tables with labels."""

    dependencies = (("record", "0014_labelled_person"), ("access", "0001_relation"))
    operations = (migrations.RunSQL(SQL),)
