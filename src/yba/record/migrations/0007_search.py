"""Create the narrow index rows of searches (texts by prefix, ranges) and find what changed lately without reading everything."""

from django.db import migrations

from yba.kit.row_security import behind, policy, seen

# Person, facility, labels and type stand in every row, so that the policy needs no look-up; the key is the resource's key in locator.
COMMON = """
    person_id    uuid        NOT NULL,
    key          uuid        NOT NULL,
    rtype        text        COLLATE "C" NOT NULL,
    param        text        COLLATE "C" NOT NULL,
    facility_id  text        COLLATE "C" NOT NULL,
    labels       text[]      COLLATE "C",
"""
CREATE = f"""
CREATE TABLE search_text ({COMMON} value text COLLATE "C" NOT NULL);
CREATE INDEX search_text_value ON search_text (rtype, param, value);
CREATE INDEX search_text_key ON search_text (key);
CREATE TABLE search_range ({COMMON} low double precision NOT NULL, high double precision NOT NULL);
CREATE INDEX search_range_low ON search_range (rtype, param, low, high);
CREATE INDEX search_range_key ON search_range (key);
COMMENT ON TABLE search_text IS 'Folded texts of the string parameters that search_index.toml names, for searches by prefix; rewritten with their resource.';
COMMENT ON TABLE search_range IS 'Ranges of the date, number and quantity parameters that search_index.toml names (dates in seconds of Unix time).';
COMMENT ON COLUMN search_text.key IS 'locator_key(rtype, id) of the resource';
COMMENT ON COLUMN search_text.value IS 'folded text, its first 200 characters';
"""


def _secured(table: str) -> str:
    condition = seen(person=f"{table}.person_id", facility=f"{table}.facility_id", labels=f"{table}.labels", rtype=f"{table}.rtype")
    rights = "SELECT, INSERT, UPDATE, DELETE"
    # As with resource_seen: the policy's condition without its barrier, so that a prefix may use its index (decision 0004).
    view = f"CREATE VIEW {table}_seen AS SELECT * FROM {table} WHERE {condition};\nREVOKE ALL ON {table}_seen FROM yba_app;\nGRANT SELECT ON {table}_seen TO yba_app;\n"
    view += f"COMMENT ON VIEW {table}_seen IS '{table} under the condition of its policy without the barrier of a policy.';\n"
    return behind(table, "key", rights) + policy(table, condition) + view


# A type's or the whole record's history, _lastUpdated and cursors ask for what changed lately: blocks are in order of time, nearly.
LATELY = """
CREATE INDEX resource_updated ON resource USING brin (updated timestamptz_minmax_multi_ops) WITH (pages_per_range = 32);
CREATE INDEX resource_history_updated ON resource_history USING brin (updated timestamptz_minmax_multi_ops) WITH (pages_per_range = 32);
"""


class Migration(migrations.Migration):
    """The tables search_text and search_range with their views; indexes over the moment of writing."""

    dependencies = (("record", "0006_history_moves"), ("access", "0001_relation"))
    operations = (
        migrations.RunSQL(
            CREATE + _secured("search_text") + _secured("search_range") + LATELY,
            "DROP TABLE search_text, search_range CASCADE; DROP INDEX resource_updated, resource_history_updated",
        ),
    )
