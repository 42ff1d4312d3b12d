"""map_claim: a parsed claim becomes FHIR resources, a residue and facts of its person."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from .context import Context
from .deaths import death
from .engine import shape_of
from .facts import facts_of
from .model import Doc, Mapped, Row, RowKeys
from .plan import Plan, plan
from .release import CURRENT, release
from .rules import births, medicines, money, notes, papers, programmes, results, services, visit

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
        shapes: dict[tuple[str, str], int] = {}
        which: list[int] = []
        raw: dict[str, dict[str, str]] = {}
        known = name in self.tables
        self.context.last, self.context.above = "0", {}
        for index, (row, key) in enumerate(zip(rows, keys, strict=True)):
            self.context.at(name, key)
            if not known or self._foreign(name, index, row):
                if name == "XML4":  # its service's report names it all the same
                    self.plan.observations[index] = self.context.id("Observation", "observation")
                which.append(ASIDE)
                raw[str(index)] = dict(row)
                continue
            over: dict[str, str] = {}
            variant, mask = self._row(name, index, row, over)
            which.append(shapes.setdefault((variant, mask), len(shapes)))
            if over:
                raw[str(index)] = over
            self.context.above = row
        same_keys = keys == list(range(1, len(rows) + 1))
        part = [name, len(rows) if same_keys else list(keys), [list(shape) for shape in shapes], which if any(which) else 0, raw]
        if name == "XML4" and self.plan.service_of:
            part.append([self.plan.service_of.get(index, ASIDE) for index in range(len(rows))])
        return part

    def _foreign(self, name: str, index: int, row: Row) -> bool:
        """Say whether a row belongs to another claim (another MA_LK), or is a second header."""
        link = row.get("MA_LK")
        return (link is not None and link != self.context.link and link.strip() != self.context.link) or (name == "XML1" and index > 0)

    def _row(self, name: str, index: int, row: Row, over: dict[str, str]) -> tuple[str, str]:
        variant = self._kind(name, index, row)
        shape = shape_of(self.release_name, self.claim.decision, name, variant, tuple(row))
        if name == "XML1":
            self.context.encounter = {"reference": f"Encounter/{self.context.id('Encounter', 'encounter')}"}
        elif name == "XML4":
            service = self._service_row(index)
            self.context.service = None if service is None else service.get("MA_DICH_VU")
        docs = shape.fill(self.context, row, index, over)
        if shape.unknown:
            shape.keep_unknown(row, over)
        simple = SIMPLE.get(name)
        if simple:
            simple(self.context, row, docs, over)
        elif name == "XML1":
            self._visit(row, docs, over)
        elif name == "XML3":
            self._service(index, row, docs, over)
        else:
            self._result(index, row, docs)
        return variant, shape.mask

    def _kind(self, name: str, index: int, row: Row) -> str:
        if name == "XML3":
            kind = self.plan.services[index]
            return kind if kind != "report" or ("XML3", index) in self.plan.reports else ""
        if name == "XML4":
            return self.plan.results[index]
        if name == "XML1":
            return visit.kind(self.context, row)
        return programmes.hiv_kind(self.context, row) if name == "XML6" else ""

    def _visit(self, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
        context = self.context
        context.claim_doc, context.encounter_doc = docs["claim"], docs["encounter"]
        visit.finish(context, row, docs, over)
        money.header(context, row, docs["claim"])
        money.diagnosis(context, docs.get("principal"))
        context.add(docs["claim"])

    def _service(self, index: int, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
        services.finish(self.context, row, docs, over)
        if "report" in docs:
            services.report(self.context, self.plan, index, row, docs["report"])

    def _result(self, index: int, row: Row, docs: dict[str, Doc]) -> None:
        service = self._service_row(index)
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
