"""XML3 and XML4: consultation, tests with their results, imaging, procedures, operations, beds and supplies."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from .dates import DAY, calendar, day_number, stamp
from .draft import Draft, Row, percent, product
from .places import STATION
from .plan import BEDDED, COURSE, DAYCARE, INPATIENT, LODGED, REFILL, SHORT
from .tables import services as catalogue
from .tables import supplies

if TYPE_CHECKING:
    from .places import Doctor
    from .tables import Lab, Service

LAB, IMAGE, FUNCTION, OPERATION, SUPPLY, TRANSPORT, EXAM, PROCEDURE = 1, 2, 3, 8, 10, 12, 13, 18
FUEL = "R953V2"
"""RON95-III in price region 2 (QĐ 3276)."""
FUEL_FROM = day_number(date(2025, 10, 17))
"""No fuel code is known for earlier visits."""
DAILY = frozenset(("nebulise", "dressing", "acupuncture", "massage", "infrared"))
MINUTES = {LAB: (28, 62), IMAGE: (8, 20), FUNCTION: (7, 15), PROCEDURE: (10, 24), OPERATION: (45, 110)}
"""From execution to result, by MA_NHOM."""
UNIT = {LAB: "Lần", IMAGE: "Lần", FUNCTION: "Lần", PROCEDURE: "Lần", OPERATION: "Lần", EXAM: "Lần", 14: "Ngày", 15: "Ngày", 16: "Ngày"}
BED_DAYS_A_ROW = 7
"""A bed row has its result within 7 days of the order."""
YEARLY_PRICE = 0.045


def consultation(draft: Draft) -> None:
    """Write the consultation row; a refill has none."""
    visit = draft.visit
    if visit.kind == REFILL:
        return
    at = draft.slot(4)
    exam = catalogue()["exam_station"] if draft.facility.level == STATION else visit.condition.exam
    if visit.person.age(visit.arrive // DAY) >= 16 and exam.key == "exam_child":  # noqa: PLR2004 - paediatrics ends here
        exam = catalogue()["exam_general"]
    _service(draft, exam, at - 1, at, at + 3, performer=draft.doctor)


def tests(draft: Draft) -> None:
    """Write what was ordered at the start, then what is repeated day by day, the operation and the bed."""
    visit = draft.visit
    inside = visit.kind in BEDDED
    for service in visit.tests:
        if service.key not in DAILY or not (inside or visit.kind == COURSE):
            _test(draft, service, draft.end - 8 if draft.end else 0)
    if visit.operation:
        draft.clock += draft.dice.between(40, 150)
        _test(draft, visit.operation, draft.end - 30)
    if draft.end and (inside or visit.kind in {COURSE, LODGED}):
        _daily(draft)
        if visit.kind not in {COURSE, SHORT}:
            _bed(draft)
    if inside and visit.kind != DAYCARE:
        _supplies(draft)
    if inside and visit.refer_to and visit.arrive // DAY >= FUEL_FROM and draft.dice.chance(0.6):
        _transport(draft, visit.refer_to.code)


def _test(draft: Draft, service: Service, limit: int) -> None:
    dice = draft.dice
    order = draft.clock
    low, high = MINUTES[service.group]
    at = draft.slot(dice.between(2, 4) if service.group == LAB else dice.between(5, 12)) + 2
    draft.clock += 1
    result = at + dice.between(low, high)
    if limit and result > limit:
        return
    doctor = _performer(draft, service)
    _service(draft, service, order, at, result, performer=doctor)
    if service.group in (LAB, IMAGE, FUNCTION):
        _results(draft, service, result, doctor)
    draft.last = max(draft.last, result)


def _daily(draft: Draft) -> None:
    """Repeat procedures each day and a blood count on the third."""
    visit, dice = draft.visit, draft.dice
    first = visit.arrive // DAY
    regular = [one for one in visit.tests if one.key in DAILY]
    for day in range(first, draft.end // DAY + 1):
        clock = max(day * DAY + dice.between(480, 520), draft.clock)
        if clock // DAY != day:
            continue
        draft.clock = clock
        for service in regular:
            if day == first or (day - first) % 2 == 0 or visit.kind != INPATIENT:
                _test(draft, service, draft.end - 8)
        if day - first in {3, 6} and visit.kind == INPATIENT:
            for key in ("cbc", "electrolyte", "crp"):
                if dice.chance(0.6):
                    _test(draft, catalogue()[key], draft.end - 8)


def _bed(draft: Draft) -> None:
    visit = draft.visit
    bed = visit.bed or catalogue()["bed_child"]
    bed = catalogue()["bed_day"] if visit.kind == DAYCARE else catalogue()["bed_station"] if visit.kind == LODGED else bed
    nights = max(1, draft.end // DAY - visit.arrive // DAY)
    for begin in range(0, nights, BED_DAYS_A_ROW):
        order = visit.arrive + 31 + begin * DAY
        count = min(BED_DAYS_A_ROW, nights - begin)
        result = min(order + count * DAY, draft.end)
        _service(draft, bed, order, order, result, performer=None, count=count)


def _supplies(draft: Draft) -> None:
    visit, dice, known = draft.visit, draft.dice, supplies()
    wanted = (
        [("infusion_set", 1), ("cannula", 1), ("syringe5", dice.between(2, 9))]
        if any(one.unit == "Chai" for one in visit.inside)
        else [("syringe5", dice.between(1, 5))]
    )
    if visit.operation:
        wanted += [("glove", 3), ("gauze", 2), ("thread", 2), ("catheter", 1)]
    for key, count in wanted:
        if dice.chance(0.8):
            _supply(draft, known[key].code, known[key].name, known[key].unit, known[key].price, count)


def _transport(draft: Draft, goal: str) -> None:
    """Write the ambulance to the next hospital: fuel by the litre."""
    litres = draft.dice.between(6, 42)
    price = 20_000 + draft.visit.arrive // DAY % 40 * 100
    bv = product(litres * 1000, price * 1000)
    order = draft.end - 20
    row = _line(draft, bv, bv if draft.insured else 0, draft.share(order), order)
    row["MA_DICH_VU"], row["TEN_DICH_VU"], row["MA_NHOM"], row["DON_VI_TINH"] = f"VC.{goal}", "Vận chuyển người bệnh", str(TRANSPORT), "Lít"
    row["MA_XANG_DAU"], row["SO_LUONG"], row["DON_GIA_BV"] = FUEL, draft.number(litres * 1000), draft.number(price * 1000)
    row["DON_GIA_BH"] = draft.number(price * 1000 if draft.insured else 0)
    row["MA_KHOA"] = draft.department


def _performer(draft: Draft, service: Service) -> Doctor:
    staff = draft.facility.technicians if service.group in (LAB, IMAGE, FUNCTION) else draft.facility.doctors
    doctor = staff[(len(service.key) * 7 + draft.clock // DAY) % len(staff)]
    return doctor if doctor is not draft.doctor else staff[(staff.index(doctor) + 1) % len(staff)]


def _price(draft: Draft, service: Service, minute: int) -> int:
    """Give the price of the year in VND: the 2018 list, raised by about 4.5 % a year in steps of 100, less at stations."""
    years = max(0, calendar(minute // DAY).year - 2018)
    level = 1.0 if draft.facility.level else 0.8
    return round(service.price * (1 + YEARLY_PRICE * years) * level / 100) * 100


def _service(draft: Draft, service: Service, order: int, at: int, result: int, *, performer: Doctor | None, count: int = 1) -> None:
    bh_price = _price(draft, service, order) * 1000
    bv_price = round(bh_price * draft.style.private_price / 100_000) * 100_000 if service.group == EXAM else bh_price
    level = draft.share(order)
    bv = product(count * 1000, bv_price)
    bh = product(count * 1000, bh_price) if draft.insured else 0
    row = _line(draft, bv, bh, level, order)
    row["MA_DICH_VU"] = service.code
    row["MA_NHOM"] = str(service.group)
    row["TEN_DICH_VU"] = service.name
    row["DON_VI_TINH"] = UNIT[service.group]
    row["SO_LUONG"] = draft.number(count * 1000)
    row["DON_GIA_BV"] = draft.number(bv_price)
    row["DON_GIA_BH"] = draft.number(bh_price if draft.insured else 0)
    row["MA_KHOA"] = service.department if service.group in (LAB, IMAGE, FUNCTION) and service.department else draft.department
    row["NGAY_KQ"] = stamp(result)
    if performer is not None:
        row["NGUOI_THUC_HIEN"] = performer.licence
        row["NGAY_TH_YL"] = stamp(at)
    if service.group in (LAB, IMAGE, FUNCTION):
        row["MA_MAY"] = (
            f"{service.machine}.1.{draft.facility.code}.{1000 + len(service.code) * 37}"
            if draft.style.old_codes or draft.standard in {"130", "4750"}
            else f"{service.machine}.1.{1000 + len(service.code) * 37}"
        )
    if service.anaesthesia:
        row["PP_VO_CAM"] = str(service.anaesthesia)
    if service.icd9:
        row["MA_PTTT_QT"] = service.icd9
    if service.group in (14, 15, 16):
        row["MA_GIUONG"] = f"{'HHHT'[draft.dice.below(4)]}{draft.dice.between(1, 80):03d}"
    draft.last = max(draft.last, min(result, draft.end or result))


def _supply(draft: Draft, code: str, name: str, unit: str, price: int, count: int) -> None:
    order = draft.visit.arrive + 33
    bv = product(count * 1000, price * 1000)
    row = _line(draft, bv, bv if draft.insured else 0, draft.share(order), order)
    row["MA_VAT_TU"], row["MA_NHOM"], row["TEN_VAT_TU"], row["DON_VI_TINH"] = code, str(SUPPLY), name, unit
    row["SO_LUONG"], row["DON_GIA_BV"], row["DON_GIA_BH"] = (
        draft.number(count * 1000),
        draft.number(price * 1000),
        draft.number(price * 1000 if draft.insured else 0),
    )
    row["TT_THAU"] = f"{200 + price % 700}/QĐ-SYT;G2;N3;{calendar(order // DAY).year - 1}"
    row["MA_KHOA"] = draft.department
    draft.sums["supply"] += bv


def _line(draft: Draft, bv: int, bh: int, level: int, order: int) -> Row:
    """Begin a row of XML3 with what every row has."""
    fund, co, own = draft.pay(bv, bh, level)
    row = Row(
        MA_LK=draft.link,
        STT="",
        PHAM_VI="1" if draft.insured else "2",
        TYLE_TT_DV="100",
        TYLE_TT_BH="100" if draft.insured else "0",
        THANH_TIEN_BV=draft.amount(bv),
        THANH_TIEN_BH=draft.amount(bh),
        MUC_HUONG=percent(level),
        T_NGUONKHAC_NSNN="0",
        T_NGUONKHAC_VTNN="0",
        T_NGUONKHAC_VTTN="0",
        T_NGUONKHAC_CL="0",
        T_NGUONKHAC="0",
        T_BNTT=draft.amount(own),
        T_BNCCT=draft.amount(co),
        T_BHTT=draft.amount(fund),
        MA_BAC_SI=draft.doctor.licence,
        MA_BENH=draft.visit.icd,
        NGAY_YL=stamp(order),
        MA_PTTT=draft.payment,
    )
    draft.add("XML3", row)
    return row


def _results(draft: Draft, service: Service, result: int, reader: Doctor) -> None:
    when = stamp(result)
    if service.image:
        normal = draft.dice.chance(0.45) or not draft.visit.condition.shift
        text, conclusion = service.image[0 if normal else 1]
        draft.add(
            "XML4",
            Row(
                MA_LK=draft.link,
                STT="",
                MA_DICH_VU=service.code,
                MA_CHI_SO=service.code if draft.style.indicator else "",
                TEN_CHI_SO=service.name[:200],
                MO_TA=text.replace("{n}", str(draft.dice.between(1, 9))),
                KET_LUAN=conclusion,
                NGAY_KQ=when,
                MA_BS_DOC_KQ=reader.licence,
            ),
        )
        return
    for lab in service.panel:
        draft.add(
            "XML4",
            Row(
                MA_LK=draft.link,
                STT="",
                MA_DICH_VU=service.code,
                MA_CHI_SO=service.code if draft.style.indicator else lab.code,
                TEN_CHI_SO=lab.name,
                GIA_TRI=_value(draft, lab),
                DON_VI_DO=lab.unit,
                NGAY_KQ=when,
                MA_BS_DOC_KQ=reader.licence,
            ),
        )


def _value(draft: Draft, lab: Lab) -> str:
    dice, condition = draft.dice, draft.visit.condition
    if lab.values:
        if lab.key == "ABO":
            return (draft.person.blood.rstrip("+") or lab.values[sum(map(ord, draft.person.uid)) % 4])[:2]
        return lab.positive if lab.key in condition.positive and dice.chance(0.75) else dice.pick(lab.values)
    sex = draft.person.sex - 1 if draft.person.sex in (1, 2) else 0
    spread = lab.spread[sex]
    value = lab.centre[sex] + spread * (dice.gauss(0, 0.75) + condition.shift.get(lab.key, 0.0) * (0.6 + 0.8 * dice.random()))
    low = spread * 0.35
    return f"{max(low, value):.{lab.decimals}f}"
