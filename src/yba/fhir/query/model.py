"""A search that was read: criteria, order, page and what comes along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from yba.fhir.search_rules import rules

from .write import pairs_of

if TYPE_CHECKING:
    from .criteria import Criterion
    from .mistakes import Mistake


@dataclass(frozen=True, slots=True)
class Sort:
    """One key of the order."""

    param: str
    descending: bool = False

    def __str__(self) -> str:
        return "-" + self.param if self.descending else self.param


@dataclass(frozen=True, slots=True)
class Include:
    """What comes along: the resources that `source` refers to by `param`, or (_revinclude) the sources that refer to what was found."""

    source: str  # resource type; "*" = any (of _revinclude)
    param: str  # "*" = every reference
    target: str | None = None
    iterate: bool = False

    def __str__(self) -> str:
        if self.source == "*":
            return "*"
        return f"{self.source}:{self.param}" + (f":{self.target}" if self.target else "")


@dataclass(frozen=True, slots=True)
class Query:
    """A search over one resource type, or over several (rtype None; `types` empty = all). All criteria must hold."""

    rtype: str | None
    criteria: tuple[Criterion, ...] = ()
    types: tuple[str, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int | None = None  # as asked, at most the bound; None = not said
    cursor: str | None = None  # sealed, from the link of a page
    total: str | None = None  # none | estimate | accurate
    summary: str | None = None  # true | text | data | count | false
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    contained: str = "false"
    ignored: tuple[Mistake, ...] = ()  # lenient: what was left out, to be told

    @property
    def page(self) -> int:
        """Resources of one page; 0 = only the total is wanted."""
        return 0 if self.summary == "count" else self.count if self.count is not None else rules().limits.page

    def pairs(self, *, cursor: str | None = None) -> list[tuple[str, str]]:
        """Write it back as names and values, in canonical order; with another cursor for the link of another page."""
        found = [("_type", ",".join(self.types))] if self.types else []
        for criterion in self.criteria:
            found += pairs_of(criterion)
        found += [("_sort", ",".join(map(str, self.sort)))] if self.sort else []
        single = {"_count": self.count, "_total": self.total, "_summary": self.summary}
        found += [(name, str(value)) for name, value in single.items() if value is not None]
        found += [("_elements", ",".join(self.elements))] if self.elements else []
        for name, listed in (("_include", self.includes), ("_revinclude", self.revincludes)):
            found += [(name + (":iterate" if one.iterate else ""), str(one)) for one in listed]
        place = cursor if cursor is not None else self.cursor
        return [*found, ("_cursor", place)] if place else found

    def __str__(self) -> str:
        return urlencode(self.pairs(), quote_via=quote, safe=":/,$*")
