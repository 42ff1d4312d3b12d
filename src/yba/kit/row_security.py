"""The text of the row-security policies: one condition for every table, over the settings a Lock tells; used by migrations only.

A migration keeps the text of the day it ran. Whoever changes a condition here writes migrations that lay the policies anew.
"""

from __future__ import annotations

from typing import Final

from .postgres.layout import APP_ROLE


def _setting(name: str) -> str:
    """A setting, read once per statement (sub-select); forgotten or reset it is NULL or '' and shows nothing."""
    return f"(SELECT NULLIF(current_setting('yba.{name}', true), ''))"


SCOPE: Final = _setting("scope")
ACTOR: Final = _setting("actor")


def within(setting: str, column: str, kind: str = "text") -> str:
    """A column is among the values of a setting; the inner cast is made once per statement, the outer tells ANY that this is an array."""
    return f"{column} = ANY ((SELECT NULLIF(current_setting('yba.{setting}', true), '')::{kind}[])::{kind}[])"


def seen(*, person: str = "", facility: str = "", labels: str = "", opened: str = "", rtype: str = "", more: str = "", relation: bool = True) -> str:
    """The condition of one table: its columns (qualified by its name), "" for what it has not; ``more`` opens further rows to the bound.

    ``opened``: true of a labelled row whose labels are open for it (`labels_open`, record.0015); without it the form of the migrations before.

    Machines of the whole province pass at the first word. Look-ups in other tables are functions: as sub-selects they were planned and set up
    for each of the record's partitions, reached or not (a batch's look-up 2.3 -> 11.3 ms; docs/decisions/0016).
    """
    ways = [within("facilities", facility)] if facility else []
    if person:
        ways.append(within("persons", person, "uuid"))
        ways += [f"is_related({person})"] if relation else []
    ways += [more] if more else []
    told = "NULLIF(current_setting('yba.labels', true), '')"  # asked of labelled rows only: no sub-select
    rest = f" AND ({labels} IS NULL OR {told} = '{{\"*\"}}' OR {labels} <@ {told}::text[])" if labels else ""
    rest = f" AND ({labels} IS NULL OR {told} = '*' OR {opened})" if opened else rest
    rest += f" AND coalesce({within('types', rtype)}, true)" if rtype else ""
    bound = f"({' OR '.join(ways)})" if ways else "false"
    if opened:  # labels and types stand once for both scopes: an expression is set up for each statement, reached or not
        place = f"CASE {SCOPE} WHEN 'all' THEN 2 WHEN 'province' THEN 1 WHEN 'bound' THEN CASE WHEN {bound} THEN 1 END END"
        return f"CASE {place} WHEN 2 THEN true WHEN 1 THEN true{rest} ELSE false END"
    return f"CASE {SCOPE} WHEN 'all' THEN true WHEN 'province' THEN true{rest} WHEN 'bound' THEN {bound}{rest} ELSE false END"


def policy(table: str, condition: str, *, name: str = "within_reach", insert: str = "") -> str:
    """Lay the policy over a table; ``insert`` is another condition for new rows ("true": anybody may add)."""
    text = f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nDROP POLICY IF EXISTS {name} ON {table};\n"
    if not insert:
        return f"{text}CREATE POLICY {name} ON {table} TO {APP_ROLE} USING ({condition}) WITH CHECK ({condition});\n"
    text += f"DROP POLICY IF EXISTS adding ON {table};\n"
    for act in ("SELECT", "UPDATE", "DELETE"):
        text += f"DROP POLICY IF EXISTS {name}_{act.lower()} ON {table};\n"
        text += f"CREATE POLICY {name}_{act.lower()} ON {table} FOR {act} TO {APP_ROLE} USING ({condition});\n"
    return f"{text}CREATE POLICY adding ON {table} FOR INSERT TO {APP_ROLE} WITH CHECK ({insert});\n"


def behind(table: str, key: str, rights: str, *, primary: str = "") -> str:
    """Put a table behind a partitioned parent of its own name, so that COPY, refused under a policy, can go into the partition ``<table>_all``.

    The parent takes columns, defaults, checks and comments; the table becomes its only partition, with its indexes and constraints, of which
    ``primary`` names the key the parent must have too (for ON CONFLICT; it has to hold ``key``). The app role gets ``rights`` on the parent and
    may only INSERT into the partition: nothing is read, changed or removed around the policy.
    """
    part = f"{table}_all"
    parent_key = f"ALTER TABLE {table} ADD PRIMARY KEY ({primary});" if primary else ""
    return f"""
ALTER TABLE {table} RENAME TO {part};
CREATE TABLE {table} (LIKE {part} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS INCLUDING GENERATED) PARTITION BY HASH ({key});
ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES WITH (MODULUS 1, REMAINDER 0);
{parent_key}
DO $$ BEGIN
    IF obj_description('{part}'::regclass) IS NOT NULL THEN
        EXECUTE format('COMMENT ON TABLE {table} IS %L', obj_description('{part}'::regclass));
    END IF;
END $$;
REVOKE ALL ON {table}, {part} FROM {APP_ROLE};
GRANT {rights} ON {table} TO {APP_ROLE};
GRANT INSERT ON {part} TO {APP_ROLE};
"""


def shared_sequence(table: str, column: str, name: str) -> tuple[str, str]:
    """Give what to run before and after `behind` for a table with an identity column, which cannot be attached.

    The parent and its partition share an ordinary sequence, which goes on where the old one stood.
    """
    before = f"""
DO $$ DECLARE next bigint; BEGIN
    next := nextval(pg_get_serial_sequence('{table}', '{column}'));
    ALTER TABLE {table} ALTER COLUMN {column} DROP IDENTITY;
    CREATE SEQUENCE {name};
    PERFORM setval('{name}', next, false);
    ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval('{name}');
END $$;
"""
    after = f"""
ALTER SEQUENCE {name} OWNED BY {table}.{column};
GRANT USAGE ON SEQUENCE {name} TO {APP_ROLE};
"""
    return before, after
