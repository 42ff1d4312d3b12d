"""A transaction: who is who is settled first, then deletions, writes in one act, patches among them, and reads of what has become of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba import record
from yba.record import Write

from . import references, writing
from .faults import Issue, Refusal, bad, failed
from .http import pairs
from .searching import one_that_matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.kit import Actor
    from yba.record import Saved, StoredResource

    from .call import Call, Route
    from .http import Answer

    Named = list[tuple[Call, Route]]

READS = frozenset({"GET", "HEAD"})


class _Plan:
    """What becomes of each entry, by its place."""

    def __init__(self) -> None:
        self.writes: dict[int, Write] = {}
        self.deleted: dict[int, tuple[str, str]] = {}
        self.there: dict[int, StoredResource] = {}  # conditional creates that found one
        self.ids: dict[int, tuple[str, str]] = {}


def carry_out(call: Call, entries: Named, full_urls: Sequence[str]) -> list[Answer]:
    """Carry out all entries or none; answers in their order. Raises Refusal and errors of the record."""
    plan = _Plan()
    for place, (own, route) in enumerate(entries):
        _settle(plan, place, own, route)
    _new_ids(plan, entries)
    _distinct(plan)
    known = {name: "/".join(plan.ids[place]) for place, url in enumerate(full_urls) if url and place in plan.ids for name in references.names_of(url)}
    links = [one for write in plan.writes.values() for one in references.links(write.doc)]
    known |= _conditional(call, links)
    references.rewrite(links, known)
    answers: dict[int, Answer] = {}
    if plan.deleted:
        own = next(own for own, _ in entries if own.request.method not in READS)
        writing.bury(own, list(dict.fromkeys(plan.deleted.values())), docs=[write.doc for write in plan.writes.values()])
    answers |= {place: writing.removed(()) for place, (own, _) in enumerate(entries) if own.request.method == "DELETE"}
    saved = _save(plan, entries)
    answers |= {place: writing.given(entries[place][0], one, one.outcome, 201 if one.outcome == "created" else 200) for place, one in saved.items()}
    answers |= {place: writing.given(entries[place][0], one, "unchanged", 200) for place, one in plan.there.items()}
    for place, (own, route) in enumerate(entries):
        if place not in answers:
            answers[place] = route.act(own)
    return [answers[place] for place in range(len(entries))]


def _writer(entries: Named) -> Actor:
    return next(own.by for own, _ in entries if own.request.method not in READS)


def _settle(plan: _Plan, place: int, own: Call, route: Route) -> None:
    """Say which resource an entry is about, as far as a condition or its address says it."""
    method, name = own.request.method, route.name
    if method == "DELETE":
        if name == "delete":
            plan.deleted[place] = (own.rtype, own.id)
        elif (found := one_that_matches(own, own.rtype, own.request.query)) is not None:
            plan.deleted[place] = (own.rtype, found.id)
    elif name == "create":
        condition = own.request.header("if-none-exist")
        found = one_that_matches(own, own.rtype, pairs(condition.lstrip("?"))) if condition else None
        if found is not None:
            plan.there[place], plan.ids[place] = found, (found.rtype, found.id)
        else:
            plan.writes[place] = Write(own.rtype, None, own.resource())
    elif name == "update":
        plan.writes[place] = writing.update_write(own)
    elif name == "update-where":
        doc = own.resource()
        plan.writes[place] = Write(own.rtype, writing.wanted_id(own, doc), doc)
    elif method == "PATCH":
        plan.writes[place] = writing.patch_write(own, by_condition=name == "patch-where")
    elif method not in READS and "_search" not in own.request.segments:
        raise bad("Thao tác $ không dùng được trong transaction.", "Operations cannot be asked for in a transaction.", code="not-supported")


def _new_ids(plan: _Plan, entries: Named) -> None:
    """Give new resources their ids before anything is written, because others refer to them. Same condition twice is the same resource."""
    first: dict[tuple[str, str], int] = {}
    for place, write in list(plan.writes.items()):
        condition = entries[place][0].request.header("if-none-exist") if write.id is None else ""
        earlier = first.setdefault((write.rtype, condition), place) if condition else place
        if earlier != place:
            raise Refusal(
                412,
                Issue("multiple-matches", "Hai mục cùng một If-None-Exist.", "Two entries have the same ifNoneExist.", (f"Bundle.entry[{place}]",)),
            )
    new = [place for place, write in plan.writes.items() if write.id is None]
    if new:
        made = record.identify(by=_writer(entries), writes=[plan.writes[place] for place in new])
        plan.writes |= dict(zip(new, made, strict=True))
    plan.ids |= {place: (write.rtype, str(write.id)) for place, write in plan.writes.items()}


def _distinct(plan: _Plan) -> None:
    """Refuse a transaction in which one resource is written twice, or written and deleted."""
    seen: set[tuple[str, str]] = set()
    for place, ref in [*plan.deleted.items(), *((place, plan.ids[place]) for place in plan.writes)]:
        if ref in seen:
            raise bad(
                "Một tài nguyên bị ghi hai lần trong transaction.", "One resource is written twice in the transaction.",
                code="duplicate", expression=(f"Bundle.entry[{place}]",),
            )  # fmt: skip
        seen.add(ref)


def _conditional(call: Call, links: Iterable[references.Link]) -> dict[str, str]:
    """Find what conditional references mean: exactly one each. Raises Refusal 412."""
    found: dict[str, str] = {}
    for text in sorted(references.conditions(links)):
        parts = references.condition(text)
        if parts is None:
            raise bad("Tham chiếu có điều kiện không đọc được.", "A conditional reference cannot be read.", code="value")
        one = one_that_matches(call, parts[0], pairs(parts[1]))
        if one is None:
            raise failed("Tham chiếu có điều kiện không khớp tài nguyên nào.", "A conditional reference matches nothing.", code="not-found")
        found[text] = f"{one.rtype}/{one.id}"
    return found


def _save(plan: _Plan, entries: Named) -> dict[int, Saved]:
    if not plan.writes:
        return {}
    own = entries[next(iter(plan.writes))][0]
    return dict(zip(plan.writes, writing.save(own, list(plan.writes.values())), strict=True))
