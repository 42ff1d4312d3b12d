"""map_claim: a parsed claim becomes FHIR resources, a residue and facts of its person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .context import Context
from .deaths import death
from .engine import shapes as shapes_of
from .facts import facts_of
from .model import Doc, Mapped, Row, RowKeys
from .plan import Plan, plan
from .release import CURRENT, release
from .rules import assessments, births, medicines, money, notes, papers, programmes, results, services, visit

if TYPE_CHECKING:
    from yba.ingest.model import ParsedClaim

Finish = Callable[[Context, Row, dict[str, Doc], dict[str, str]], None]
ASIDE: Final = -1
"""Stands for "no shape": the whole row is raw in the residue."""
SIMPLE: Final[dict[str, Finish]] = {
    "XML2": medicines.finish,
    "XML5": notes.finish,
    "XML6": programmes.finish,
    "XML7": papers.finish,
    "XML8": papers.finish,
    "XML9": births.finish,
    "XML10": papers.finish,
    "XML11": papers.finish,
    "XML12": assessments.finish,
    "XML13": papers.finish,
    "XML14": papers.finish,
    "XML15": programmes.finish,
}
"""Tables whose rows stand alone. XML1, XML3 and XML4 know of each other and are handled by `_Mapping`."""
WORK: Final[tuple[str, ...]] = ("XML1", "XML2", "XML4", "XML3")
"""Worked in this order before all others: items of medicines first, results before the reports that gather them."""


def map_claim(claim: ParsedClaim, keys: RowKeys, *, release: str = CURRENT) -> Mapped:
    """Map one claim; `keys` gives the row key of every row of every table.

    Never fails on a value: what cannot be mapped stays raw in the residue. Ids depend only on facility, link, table, row key
    and role (and the installation), so mapping again gives the same ids. KeyError for an unknown release.
    """
    work = _Mapping(claim, keys, release)
    return work.run()


class _Mapping:
    """One run of map_claim."""

    def __init__(self, claim: ParsedClaim, keys: RowKeys, release_name: str) -> None:
        self.claim, self.keys, self.release_name = claim, keys, release_name
        self.tables = release(release_name)
        self.context = Context(claim)
        self.plan = Plan()
        self.service: Row | None = None
        """The row of XML3 that the result at work belongs to."""
        self.late_groups: list[tuple[int, Row, Doc, int]] = []
        """Results that own a report no service row owns: position, row, Observation, row key."""

    def run(self) -> Mapped:
        """Map all tables, then the Claim that gathers them."""
        claim, context = self.claim, self.context
        services_rows, results_rows = claim.tables.get("XML3", []), claim.tables.get("XML4", [])
        if services_rows or results_rows:
            self.plan = plan(services_rows, results_rows)
        names = [name for name in WORK if name in claim.tables]
        names += [name for name in claim.tables if name not in WORK]
        parts = {name: self._table(name, claim.tables[name]) for name in names}
        self._close()
        residue = {
            "v": self.release_name,
            "d": claim.decision,
            "f": context.facility,
            "l": context.link,
            "t": [parts[name] for name in claim.tables],
        }
        facts = facts_of(context)
        facts.died = death(context, claim.tables)
        made = [*context.made, *context.shared.values()]
        return Mapped(made, residue, facts, (context.start, context.end), context.births)

    def _table(self, name: str, rows: list[Row]) -> list[Any]:
        """Map the rows of one table; gives [name, keys, shapes, shape of each row, raw texts by row, service rows of XML4]."""
        keys = self.keys[name]
        self.context.enter(name)
        self.context.last, self.context.above = "0", {}
        raw: dict[str, dict[str, str]] = {}
        shapes: dict[tuple[str, str], int] = {}
        which = self._rows(name, rows, shapes, raw) if name in self.tables else self._all_aside(rows, raw)
        same_keys = keys == list(range(1, len(rows) + 1))
        part = [name, len(rows) if same_keys else list(keys), [list(said) for said in shapes], which if any(which) else 0, raw]
        if name == "XML4" and self.plan.service_of:
            part.append([self.plan.service_of.get(index, ASIDE) for index in range(len(rows))])
        return part

    def _all_aside(self, rows: list[Row], raw: dict[str, dict[str, str]]) -> list[int]:
        raw |= {str(index): dict(row) for index, row in enumerate(rows)}
        return [ASIDE] * len(rows)

    def _rows(self, name: str, rows: list[Row], shapes: dict[tuple[str, str], int], raw: dict[str, dict[str, str]]) -> list[int]:
        """Map the rows of a table that we know; gives the shape of each (its place in `shapes`)."""
        context, link = self.context, self.context.link
        kinds = self._kinds(name, rows)
        of_kind = {kind: shapes_of(self.release_name, self.claim.decision, name, kind) for kind in set(kinds)}
        before, simple, finish = _BEFORE.get(name), SIMPLE.get(name), _FINISH.get(name)
        which: list[int] = []
        for index, (row, key, kind) in enumerate(zip(rows, self.keys[name], kinds, strict=True)):
            context.move(key)
            own = row.get("MA_LK", link)
            if (own != link and own.strip() != link) or (index and name == "XML1"):  # another claim's row, a second header
                which.append(ASIDE)
                raw[str(index)] = dict(row)
                continue
            if before is not None:
                before(self, index)
            over: dict[str, str] = {}
            shape = of_kind[kind][tuple(row)]
            docs = shape.fill(context, row, index, over)
            if shape.unknown:
                shape.keep_unknown(row, over)
            if simple is not None:
                simple(context, row, docs, over)
            elif finish is not None:
                finish(self, index, row, docs, over)
            if over:
                raw[str(index)] = over
            which.append(shapes.setdefault(shape.said, len(shapes)))
            context.above = row
        return which

    def _kinds(self, name: str, rows: list[Row]) -> list[str]:
        """Give the kind of each row."""
        if name == "XML3":
            reports = self.plan.reports
            return [kind if kind != "report" or ("XML3", n) in reports else "" for n, kind in enumerate(self.plan.services)]
        if name == "XML4":
            return self.plan.results
        if name == "XML1":
            return [visit.kind(self.context, row) for row in rows]
        return [programmes.hiv_kind(self.context, row) for row in rows] if name == "XML6" else [""] * len(rows)

    def name_visit(self, _index: int) -> None:
        self.context.encounter = {"reference": f"Encounter/{self.context.id('Encounter', 'encounter')}"}

    def name_service(self, index: int) -> None:
        self.service = self._service_row(index)
        self.context.service = None if self.service is None else self.service.get("MA_DICH_VU")

    def visit(self, _index: int, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
        context = self.context
        context.claim_doc, context.encounter_doc = docs["claim"], docs["encounter"]
        visit.finish(context, row, docs, over)
        money.header(context, row, docs["claim"])
        money.diagnosis(context, docs.get("principal"))
        context.add(docs["claim"])

    def of_service(self, index: int, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
        services.finish(self.context, row, docs, over)
        if "report" in docs:
            services.report(self.context, self.plan, index, row, docs["report"])

    def result(self, index: int, row: Row, docs: dict[str, Doc], _over: dict[str, str]) -> None:
        service = self.service
        if "report" in docs:
            results.narrative(self.context, row, docs["report"], service)
            return
        doc = docs["observation"]
        results.value(self.context, self.plan, index, row, doc, service)
        if ("XML4", index) in self.plan.reports:
            self.late_groups.append((index, row, doc, self.context.key))

    def _service_row(self, index: int) -> Row | None:
        """Give the row of XML3 a row of XML4 belongs to."""
        at = self.plan.service_of.get(index)
        return None if at is None else self.claim.tables["XML3"][at]

    def _close(self) -> None:
        """Finish what needed every row: reports without a service, labels of the resources that gather others."""
        context = self.context
        for index, row, doc, key in self.late_groups:
            context.at("XML4", key)
            results.group(context, self.plan, index, row, doc)
        gathered = tuple(context.labels)
        if gathered:
            for resource in context.made:
                if resource.rtype in {"Encounter", "Claim"}:
                    resource.labels = gathered


_BEFORE: Final[dict[str, Callable[[_Mapping, int], None]]] = {"XML1": _Mapping.name_visit, "XML4": _Mapping.name_service}
"""What must be known before a row of these tables is filled. Functions, not bound methods: those would tie the run into a ring of references."""
_FINISH: Final[dict[str, Callable[[_Mapping, int, Row, dict[str, Doc], dict[str, str]], None]]] = {
    "XML1": _Mapping.visit,
    "XML3": _Mapping.of_service,
    "XML4": _Mapping.result,
}
