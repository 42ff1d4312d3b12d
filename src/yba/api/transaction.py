"""A transaction: who is who is settled first, then deletions, writes in one act, patches among them, and reads of what has become of it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from yba import record
from yba.fhir import match, query
from yba.kit import clock
from yba.record import Write
from yba.terminology import CODES

from . import references, writing
from .faults import Issue, Refusal, bad, failed, told
from .http import pairs
from .searching import one_that_matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
        with at_entry(place):
            _settle(plan, place, own, route)
    _new_ids(plan, entries)
    _distinct(plan)
    urls = {place: url for place, url in enumerate(full_urls) if url and place in plan.ids}
    _named_once(urls)
    known = {name: "/".join(plan.ids[place]) for place, url in urls.items() for name in references.names_of(url)}
    links = [one for write in plan.writes.values() for one in references.links(write.doc)]
    known |= _conditional(call, plan, links)
    if references.rewrite(links, known):
        _refuse_unresolved(plan)
    answers: dict[int, Answer] = {}
    _delete(plan, entries)
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
        plan.writes[place] = writing.update_where_write(own)
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


def _named_once(urls: Mapping[int, str]) -> None:
    """Refuse two entries of one name: what refers to it could mean either (bdl-7)."""
    first: dict[str, int] = {}
    for place, url in urls.items():
        if first.setdefault(url, place) != place:
            words = "Hai mục cùng một fullUrl.", "Two entries have the same fullUrl."
            raise bad(*words, code="duplicate", expression=(f"Bundle.entry[{place}].fullUrl",))


def _refuse_unresolved(plan: _Plan) -> None:
    """Refuse names that no entry has: kept, they would lead nowhere for ever, and a result would be nobody's."""
    words = "Tham chiếu urn:uuid không phải fullUrl của mục nào.", "A urn:uuid reference is no entry's fullUrl."
    lost = [place for place, write in plan.writes.items() if references.unresolved(write.doc)]
    if lost:
        raise Refusal(400, *(Issue("not-found", *words, (f"Bundle.entry[{place}]",)) for place in lost))


def _delete(plan: _Plan, entries: Named) -> None:
    """Delete in one act; what names the version it means by itself."""
    docs = [write.doc for write in plan.writes.values()]
    bound = {place: ref for place, ref in plan.deleted.items() if entries[place][0].request.header("if-match")}
    free = {place: ref for place, ref in plan.deleted.items() if place not in bound}
    if free:
        writing.bury(entries[next(iter(free))][0], list(dict.fromkeys(free.values())), docs=docs)
    for place, ref in bound.items():
        with at_entry(place):
            writing.bury_one(entries[place][0], ref, docs=docs)


def _conditional(call: Call, plan: _Plan, links: Iterable[references.Link]) -> dict[str, str]:
    """Find what conditional references mean: exactly one each, of what is there and of what the transaction writes. Raises Refusal 412."""
    texts = references.conditions(links)
    first = _first(plan) if texts else {}
    found: dict[str, str] = {}
    for text in sorted(texts):
        with at_entry(first[text]):
            found[text] = _meant(call, plan, text)
    return found


def _first(plan: _Plan) -> dict[str, int]:
    """Say in which entry each condition stands first."""
    first: dict[str, int] = {}
    for place, write in plan.writes.items():
        for text in references.conditions(references.links(write.doc)):
            first.setdefault(text, place)
    return first


def _meant(call: Call, plan: _Plan, text: str) -> str:
    parts = references.condition(text)
    if parts is None:
        raise bad("Tham chiếu có điều kiện không đọc được.", "A conditional reference cannot be read.", code="value")
    one = one_that_matches(call, parts[0], pairs(parts[1]))
    refs = {(one.rtype, one.id)} - {*plan.deleted.values()} if one is not None else set()
    refs |= _written(call, plan, *parts)
    if not refs:
        raise failed("Tham chiếu có điều kiện không khớp tài nguyên nào.", "A conditional reference matches nothing.", code="not-found")
    if len(refs) > 1:
        raise failed("Tham chiếu có điều kiện khớp nhiều tài nguyên.", "A conditional reference matches several.", code="multiple-matches")
    return "/".join(refs.pop())


def _written(call: Call, plan: _Plan, rtype: str, condition: str) -> set[tuple[str, str]]:
    """What of the transaction's own writes a condition means: R4 resolves conditional references after them."""
    of_type = [write for write in plan.writes.values() if write.rtype == rtype]
    if not of_type:
        return set()
    wanted = query.parse(rtype, pairs(condition), base=call.request.base)
    judge = match.compile(wanted, rtype, match.World(codes=CODES, now=clock.now()))
    return {(rtype, str(write.id)) for write in of_type if judge({**write.doc, "id": write.id})}


def _save(plan: _Plan, entries: Named) -> dict[int, Saved]:
    if not plan.writes:
        return {}
    own = entries[next(iter(plan.writes))][0]
    places = {plan.ids[place]: place for place in plan.writes}
    try:
        return dict(zip(plan.writes, writing.save(own, list(plan.writes.values())), strict=True))
    except record.NotStorable as error:
        raise record.NotStorable([_within(one, places) for one in error.problems]) from error
    except record.VersionConflict as error:
        if error.ref not in places:
            raise
        raise _named(told(error), places[error.ref]) from error


def _within(problem: record.Problem, places: Mapping[tuple[str, str], int]) -> record.Problem:
    """Say in which entry a problem is."""
    place = places.get(problem.ref)
    if place is None:
        return problem
    _, dot, rest = problem.expression.partition(".")
    return problem._replace(expression=f"Bundle.entry[{place}].resource{dot}{rest}")


@contextmanager
def at_entry(place: int) -> Iterator[None]:
    """Let a refusal of an entry say which it was: also of a condition that cannot be read, or does not hold. Raises Refusal."""
    try:
        yield
    except Refusal as refused:
        raise _named(refused, place) from refused
    except (query.BadSearch, record.TooCostly, record.VersionConflict) as error:
        raise _named(told(error), place) from error


def _named(refused: Refusal, place: int) -> Refusal:
    whole = [one if one.expression[:1] and one.expression[0].startswith("Bundle") else _of_entry(one, place) for one in refused.issues]
    return Refusal(refused.status, *whole, headers=refused.headers)


def _of_entry(issue: Issue, place: int) -> Issue:
    return issue._replace(expression=(f"Bundle.entry[{place}]", *issue.expression))
