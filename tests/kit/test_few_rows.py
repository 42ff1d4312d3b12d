"""Few rows of several tables go in one statement, many as they always did, and both say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from yba.kit.few_rows import FEW, add_all

if TYPE_CHECKING:
    from psycopg import Connection

ONE, OTHER = ("a", "b"), ("a", "j")


@pytest.mark.parametrize("many", [1, 3, FEW, FEW + 1])
def test_rows_of_several_tables_come_as_they_were_given(conn: Connection[Any], many: int) -> None:
    conn.execute("CREATE TEMPORARY TABLE one (a int PRIMARY KEY, b text); CREATE TEMPORARY TABLE other (a int REFERENCES one, j jsonb)")
    ones = [(number, None if number == 2 else f"it's %(rows0)s {{{number}}} \\ ") for number in range(many)]
    add_all(
        conn, [("one", ONE, ("int4", "text"), ones), ("other", OTHER, ("int4", "jsonb"), []), ("other", OTHER, ("int4", "jsonb"), [(0, b'{"x":1}')])]
    )
    assert conn.execute("SELECT a, b FROM one ORDER BY a").fetchall() == ones
    assert conn.execute("SELECT a, j::text FROM other").fetchall() == [(0, '{"x": 1}')]
    with pytest.raises(psycopg.errors.ForeignKeyViolation), conn.transaction():
        add_all(conn, [("other", OTHER, ("int4", "jsonb"), [(99, None)]), ("one", ONE, ("int4", "text"), [(98, "")])])
    conn.execute("DROP TABLE other; DROP TABLE one")
