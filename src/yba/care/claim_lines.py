"""What a visit is charged for, line by line, with what each costs: consultation, services that were carried out, drugs; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from yba.directory import PriceList
from yba.specs import care_desk, systems

from . import claim_money
from .claim_words import Content, at, code_of
from .papers import papers_of
from .pricing import Offer, Prices

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .claim_money import Payment

Doc = dict[str, Any]
Row = dict[str, str]
EXAM_ROOM: Final = "K01"
_DRUGS, _LABORATORY, _IMAGING, _CONSULTATION = "4", "1", "2", "13"


class Line(NamedTuple):
    """One line: what it is called, how much of it, what a unit costs, and its row of XML2 or XML3."""

    words: str
    quantity: Decimal
    unit: str
    offer: Offer
    row: Row


class Charged(NamedTuple):
    """All lines of a visit, and who pays."""

    pays: Payment
    drugs: tuple[Line, ...]
    services: tuple[Line, ...]  # the consultation first


def charged(content: Content) -> Charged:
    """Return what a visit is charged for. A consultation whose price and code nobody says has a line and no row."""
    pays = paid_by(content)
    prices = Prices(content.prices, insured=pays.insured)
    return Charged(pays, tuple(_drugs(content, pays, prices)), (*_consultation(content, pays, prices), *_services(content, pays, prices)))


def asked(docs: Iterable[Doc]) -> list[tuple[PriceList, str]]:
    """Return the codes whose prices documents of a visit need."""
    found: list[tuple[PriceList, str]] = []
    for one in docs:
        if one["resourceType"] == "MedicationRequest":
            found += [(PriceList.DRUG, code) for code in _drug_codes(one)]
        elif one["resourceType"] == "ServiceRequest" and (code := code_of(one["code"], "service")):
            found.append((PriceList.SERVICE, code))
    return found


def paid_by(content: Content) -> Payment:
    """Say who pays for a visit."""
    encounter = next(iter(content.of("Encounter")), {})
    shown = [one.kind for one in papers_of(encounter)]
    visit = content.visit
    return claim_money.payment(content.card, kind=content.kind, refill=visit.kind == "refill", groups=visit.priority, papers=shown)


def treating(content: Content) -> str:
    """The licence of who diagnosed, else of anybody who acted in the visit: a nurse who typed an order has none."""
    coded = [licence for one in content.of("Condition") if (licence := content.licence(one, "recorder"))]
    return next(iter([*coded, *content.licences.values()]), "")


def _line(content: Content, doc: Doc, when: str) -> Row:
    doctor = content.licence(doc, "requester") or treating(content)
    return {"MA_KHOA": content.visit.department or EXAM_ROOM, "MA_BAC_SI": doctor, "NGAY_YL": at(when), "MA_PTTT": "1"}


def _drug_codes(doc: Doc) -> list[str]:
    concept = doc["medicationCodeableConcept"]
    return [code for name in ("drug-registration", "drug") if (code := code_of(concept, name))]


def _drugs(content: Content, pays: Payment, prices: Prices) -> Iterator[Line]:
    for one in content.of("MedicationRequest"):
        concept, told, dosage = one["medicationCodeableConcept"], one["dispenseRequest"]["quantity"], one["dosageInstruction"][0]
        offer, quantity, words = prices.drug(_drug_codes(one), told["unit"]), Decimal(str(told["value"])), concept.get("text", "")
        yield Line(words, quantity, told["unit"], offer, _line(content, one, one["authoredOn"]) | claim_money.shared(quantity, offer, pays) | {
            "MA_THUOC": code_of(concept, "drug"), "MA_NHOM": _DRUGS, "TEN_THUOC": words, "SO_DANG_KY": code_of(concept, "drug-registration"),
            "HAM_LUONG": next((part["valueString"] for part in one.get("extension", ()) if part["url"] == systems.extension("strength")), ""),
            "TT_THAU": offer.tender, "DON_VI_TINH": told["unit"], "SO_LUONG": str(told["value"]),
            "DON_GIA": claim_money.said(offer.amount or Decimal(0)),
            "LIEU_DUNG": dosage["text"], "CACH_DUNG": dosage.get("patientInstruction", ""),
            "DUONG_DUNG": code_of(dosage.get("route", {}), "drug-route"), "NGUON_CTRA": "1",
        })  # fmt: skip


def _services(content: Content, pays: Payment, prices: Prices) -> Iterator[Line]:
    """Orders that were carried out: what was only ordered is no cost."""
    for one, reports in _carried_out(content):
        code, words = code_of(one["code"], "service"), one["code"].get("text", "")
        issued = at(str(reports[0]["effectiveDateTime"]))
        group = _LABORATORY if any("result" in report for report in reports) else _IMAGING
        offer = prices.service(code)
        row = _line(content, one, one["authoredOn"]) | _service(code, words, group, offer, pays)
        row |= {"NGAY_TH_YL": issued, "NGAY_KQ": issued, "NGUOI_THUC_HIEN": content.licence(reports[0], "performer")}
        yield Line(words, Decimal(1), "Lần", offer, row)


def _consultation(content: Content, pays: Payment, prices: Prices) -> Iterator[Line]:
    """One where the kind of visit has it and somebody was examined: a diagnosis was written."""
    visit, coded = content.visit, content.of("Condition")
    if not care_desk.visit_kinds()[visit.kind].consultation or not coded:
        return
    offer = prices.consultation(visit.department)
    row: Row = {}
    if offer.amount is not None:
        when = at(str(coded[0]["recordedDate"]))
        row = {"MA_KHOA": visit.department or EXAM_ROOM, "MA_BAC_SI": treating(content), "NGAY_YL": at(visit.opened_at), "MA_PTTT": "1"}
        row |= _service(offer.code, offer.name, _CONSULTATION, offer, pays) | {
            "NGAY_TH_YL": when,
            "NGAY_KQ": when,
            "NGUOI_THUC_HIEN": treating(content),
        }
    yield Line(offer.name or "Khám bệnh", Decimal(1), "Lần", offer, row)


def _service(code: str, words: str, group: str, offer: Offer, pays: Payment) -> Row:
    amount = claim_money.said(offer.amount or Decimal(0))
    return claim_money.shared(Decimal(1), offer, pays) | {
        "MA_DICH_VU": code, "TEN_DICH_VU": words, "MA_NHOM": group, "DON_VI_TINH": "Lần", "SO_LUONG": "1", "DON_GIA_BV": amount,
        "DON_GIA_BH": amount if offer.covered else "0", "TYLE_TT_DV": "100",
    }  # fmt: skip


def _carried_out(content: Content) -> Iterator[tuple[Doc, list[Doc]]]:
    reports = content.of("DiagnosticReport")
    for one in content.of("ServiceRequest"):
        mine = [report for report in reports if {"reference": f"ServiceRequest/{one['id']}"} in report.get("basedOn", ())]
        if mine:
            yield one, mine
