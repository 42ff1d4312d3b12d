"""Bundles as they are answered: pages of searches and histories, with links, what was passed over and what is masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from yba.kit import clock, new_id

from . import documents, subset
from .faults import Issue, outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from yba.fhir import query
    from yba.record import Found, HistoryPage, StoredResource

    from .call import Call
    from .http import Pairs, Request

REDACTED: Final = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
MASKED: Final = Issue(
    "suppressed", "Có nội dung được che theo quy định về thông tin hạn chế.", "Something is masked by the rules of restricted categories.",
    severity="information",
)  # fmt: skip
CURSOR: Final = "_cursor"


def searchset(request: Request, found: Found, *, asked: Pairs, ignored: Sequence[query.Mistake] = ()) -> str:
    """Write a page of a search as JSON, resources as they stand. ``asked`` are the parameters as they were understood."""
    head = f'{{"fullUrl":{_quoted(request.base + "/")[:-1]}'
    entries = [_entry(head, one, text, "match") for one, text in zip(found.rows, subset.shown_all(request.query, found.rows), strict=True)]
    along = zip(found.included, subset.shown_along(request.query, found.included), strict=True)
    entries += [_entry(head, one, text, "include") for one, text in along]
    told = [MASKED] if found.masked else []
    told += [_passed_over(one) for one in ignored]
    if told:
        entries.append(documents.dumps({"resource": outcome(told, request.lang), "search": {"mode": "outcome"}}).decode())
    made = bundle("searchset", [], total=found.total, links=_links(request, asked, found.next))
    if found.masked:
        made["meta"]["security"] = [REDACTED]
    text = documents.dumps(made).decode()
    return f'{text[:-1]},"entry":[{",".join(entries)}]}}' if entries else text


def counted(request: Request, total: int | None, *, asked: Pairs) -> dict[str, Any]:
    """Write what `_summary=count` asks for."""
    return bundle("searchset", [], total=total, links=_links(request, asked, None))


def history(call: Call, page: HistoryPage, *, asked: Pairs) -> dict[str, Any]:
    """Write a page of a history. ``asked`` are the parameters as they were understood."""
    told = zip(page.rows, subset.shown_all(call.request.query, page.rows), strict=True)
    entries = [_version(call.request, one, text) for one, text in told]
    return bundle("history", entries, total=page.total, links=_links(call.request, asked, page.next))


def bundle(kind: str, entries: list[dict[str, Any]], *, total: int | None = None, links: list[dict[str, str]] | None = None) -> dict[str, Any]:
    """Write a Bundle; nothing empty stands in it."""
    made: dict[str, Any] = {"resourceType": "Bundle", "id": str(new_id()), "meta": {"lastUpdated": documents.moment(clock.now())}, "type": kind}
    if total is not None:
        made["total"] = total
    if links:
        made["link"] = links
    if entries:
        made["entry"] = entries
    return made


def _entry(head: str, one: StoredResource, text: str, mode: str) -> str:
    """Write an entry; type and id of a stored resource are of letters, digits, - and dots."""
    return f'{head}{one.rtype}/{one.id}","resource":{text},"search":{{"mode":"{mode}"}}}}'


def _quoted(text: str) -> str:
    return documents.dumps(text).decode()


def _version(request: Request, one: StoredResource, text: str) -> dict[str, Any]:
    address = f"{one.rtype}/{one.id}"
    made: dict[str, Any] = {"fullUrl": f"{request.base}/{address}"}
    if not one.deleted:
        made["resource"] = documents.part(text)
    made["request"] = {"method": "DELETE" if one.deleted else "PUT" if one.version > 1 else "POST", "url": address if one.version > 1 else one.rtype}
    status = "204" if one.deleted else "200" if one.version > 1 else "201"
    made["response"] = {"status": status, "etag": f'W/"{one.version}"', "lastModified": documents.moment(one.updated)}
    return made


def _links(request: Request, asked: Iterable[tuple[str, str]], following: str | None) -> list[dict[str, str]]:
    path = "/".join(quote(part, safe="$*") for part in request.segments if part != "_search")
    own = list(asked)
    address = f"{request.base}/{path}" if path else request.base
    links = [{"relation": "self", "url": _with(address, own)}]
    if following is not None:
        kept = [(name, value) for name, value in own if name != CURSOR]
        links.append({"relation": "next", "url": _with(address, [*kept, (CURSOR, following)])})
    return links


def _with(address: str, asked: Pairs) -> str:
    return f"{address}?{urlencode(asked)}" if asked else address


def _passed_over(one: query.Mistake) -> Issue:
    return Issue("not-supported", f"{one.name}: {one.vi}; đã bỏ qua.", f"{one.name}: {one.en}; passed over.", (one.name,), severity="warning")
