"""The Claim: its header from XML1, its items from XML2 and XML3, and the Coverage of each card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping.facts import cards_of
from yba.ingest.mapping.words import in_order
from yba.specs import systems

if TYPE_CHECKING:
    from yba.identity import Card
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

CURRENCY: Final = "VND"
NO_CARD: Final = {"sequence": 1, "focal": True, "coverage": {"display": "Không có thẻ BHYT"}}
UNKNOWN: Final = {"text": "?"}
BENEFIT_DIGIT: Final = 2
"""Third character of a card: the level of benefit, 1 to 5."""


def header(context: Context, row: Row, claim: Doc) -> None:
    """Complete the Claim of the visit; it is handed in when its items are known."""
    claim["provider"] = context.reference("organization", context.facility) or {"display": "?"}
    claim["identifier"] = [{"system": systems.identifier("claim-link"), "value": context.link}]
    claim.setdefault("created", context.end_text)
    start, end = context.start_text, context.end_text
    claim["billablePeriod"] = {"start": start, "end": end} if in_order(start, end) else {"start": start}
    if "total" in claim:
        claim["total"]["currency"] = CURRENCY
    for number, done in enumerate(claim.get("procedure", ()), 1):
        done["sequence"] = number
    claim["insurance"] = _insurance(context, row)


def _insurance(context: Context, row: Row) -> list[Doc]:
    covers = [_coverage(context, number, card) for number, card in enumerate(cards_of(row), 1)]
    for cover in covers:
        context.add(cover)
    return [
        {"sequence": number, "focal": number == 1, "coverage": {"reference": f"Coverage/{cover['id']}"}} for number, cover in enumerate(covers, 1)
    ] or [NO_CARD]


def _coverage(context: Context, number: int, card: Card) -> Doc:
    doc = context.new(
        "Coverage", f"card{number}", status="active",
        identifier=[{"system": systems.identifier("card"), "value": card.number}],
        beneficiary=context.subject, payor=[{"display": "BHXH Việt Nam"}],
    )  # fmt: skip
    level = card.number[BENEFIT_DIGIT : BENEFIT_DIGIT + 1]
    if level.isdigit():
        doc["class"] = [{"type": {"text": "Mức hưởng"}, "value": level}]
    period = {name: day for name, day in (("start", card.valid_from), ("end", card.valid_to)) if day}
    if period and in_order(period.get("start"), period.get("end")):
        doc["period"] = period
    if card.registered_at:
        place = context.reference("organization", card.registered_at)
        doc["extension"] = [{"url": systems.extension("registered-at"), "valueReference": place}]
    return doc


def item(context: Context, doc: Doc, product: Doc | None) -> None:
    """Append a row's item; `product` is what it was when the item does not say it itself."""
    items = context.claim_doc.setdefault("item", [])
    doc["sequence"] = len(items) + 1
    if "productOrService" not in doc:
        doc["productOrService"] = product or UNKNOWN
    items.append(doc)


def diagnosis(context: Context, principal: Doc | None) -> None:
    """Name the principal Condition in the Claim."""
    if principal is not None:
        context.claim_doc["diagnosis"] = [{"sequence": 1, "diagnosisReference": {"reference": f"Condition/{principal['id']}"}}]
