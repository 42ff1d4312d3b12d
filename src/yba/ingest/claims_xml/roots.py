"""Which table of a claim an element names."""

from __future__ import annotations

from functools import cache

from yba.specs.claims import editions


@cache
def by_root() -> dict[str, tuple[str, str]]:
    """Map every known root name, list name and record name to (table, record element)."""
    found: dict[str, tuple[str, str]] = {}
    for one in editions():
        for table in one.tables.values():
            if table.own_file:
                continue
            for name in (table.root, table.list_element, table.record, *table.alternative_roots):
                if name:
                    found.setdefault(name, (table.name, table.record))
    return found
