"""XML2: the medicines of a visit, given day by day inside and for some days to take home."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dates import DAY, calendar, stamp
from .draft import Draft, Row, percent, product, write_sums
from .plan import BEDDED, COURSE, LODGED, REFILL

if TYPE_CHECKING:
    from .tables import Medicine, Product

WHOLE_PACK = frozenset(("Tuýp", "Lọ", "Chai"))
IN_FUND, OUT_OF_FUND = "1", "2"
WITH_FOOD = ("Uống sau ăn", "Uống trước ăn 30 phút", "Uống buổi sáng", "Uống tối trước ngủ", "")


def medicines(draft: Draft) -> None:
    """Write the rows of XML2."""
    visit = draft.visit
    if visit.inside and (visit.kind in BEDDED or visit.kind == LODGED):
        _inside(draft)
    if visit.drugs:
        _to_take_home(draft)


def _inside(draft: Draft) -> None:
    visit, dice = draft.visit, draft.dice
    start, end = visit.arrive, draft.end
    days = max(1, end // DAY - start // DAY)
    step = 1 if draft.facility.code[-1] in "01234678" else 3
    first = start + 45 if end - start > DAY else start + 25
    for medicine in visit.inside:
        goods = _product(draft, medicine)
        course = days if medicine.unit != "Chai" else min(days, 3)
        for day in range(0, course, step):
            order = first if day == 0 else (start // DAY + day) * DAY + dice.between(450, 490)
            done = order + dice.between(12, 55)
            if done > end - 2:
                break
            count = min(step, course - day)
            _row(draft, medicine, goods, medicine.each * medicine.times * count, count, order, done)


def _to_take_home(draft: Draft) -> None:
    visit = draft.visit
    order = draft.end - 6
    for medicine, days in visit.drugs:
        goods = _product(draft, medicine)
        whole = medicine.unit in WHOLE_PACK
        _row(draft, medicine, goods, 1 if whole else medicine.each * medicine.times * days, 1 if whole else days, order, 0)
    if visit.kind == REFILL:
        draft.doctor = draft.facility.doctors[0]


def _product(draft: Draft, medicine: Medicine) -> Product:
    """A facility buys one product of a medicine, sometimes a second."""
    index = sum(map(ord, draft.facility.code + medicine.key)) + (1 if draft.dice.chance(0.1) else 0)
    return medicine.products[index % len(medicine.products)]


def _row(draft: Draft, medicine: Medicine, goods: Product, units: int, days: int, order: int, done: int) -> None:
    dice, visit = draft.dice, draft.visit
    covered = draft.insured and (visit.kind == COURSE or dice.random() > 0.012)  # noqa: PLR2004 - a few drugs lie outside the fund's list
    level = draft.share(order) if covered else 0
    bv = product(units * 1000, goods.price)
    bh = bv if covered else 0
    fund, co, own = draft.pay(bv, bh, level)
    draft.sums["drug"] += bv
    given = own if own and draft.insured and dice.chance(0.2) else 0  # a charity pays what lies outside the fund
    if given:
        own -= given
        draft.sums["bntt"] -= given
        draft.sums["other"] += given
    each, times = (1, 1) if units == 1 else (medicine.each, medicine.times)
    year = calendar(order // DAY).year
    row = Row(
        MA_LK=draft.link,
        STT="",
        MA_THUOC=goods.ingredient,
        MA_NHOM="4",
        TEN_THUOC=goods.name,
        DON_VI_TINH=medicine.unit,
        HAM_LUONG=goods.strength,
        DUONG_DUNG=goods.route,
        DANG_BAO_CHE=medicine.form,
        LIEU_DUNG=f"{each} {medicine.unit}/lần * {times} lần/ngày * {days} ngày [{units} {medicine.unit}]",
        CACH_DUNG=dice.pick(WITH_FOOD) if goods.route == "1.01" else "",
        SO_DANG_KY=goods.registration,
        TT_THAU=f"{100 + len(goods.name) * 7}/QĐ-SYT;G1;N{1 + goods.price % 4};{year - 1 + (order // DAY) % 2}",
        PHAM_VI=IN_FUND if covered else OUT_OF_FUND,
        TYLE_TT_BH="100" if covered else "0",
        SO_LUONG=draft.number(units * 1000),
        DON_GIA=draft.number(goods.price),
        THANH_TIEN_BV=draft.amount(bv),
        THANH_TIEN_BH=draft.amount(bh),
        T_NGUONKHAC_NSNN="0",
        T_NGUONKHAC_VTNN="0",
        T_NGUONKHAC_VTTN=draft.amount(given) if given else "0",
        T_NGUONKHAC_CL="0",
        T_NGUONKHAC=draft.amount(given) if given else "0",
        MUC_HUONG=percent(level),
        T_BNTT=draft.amount(own),
        T_BNCCT=draft.amount(co),
        T_BHTT=draft.amount(fund),
        MA_KHOA=draft.department,
        MA_BAC_SI=draft.doctor.licence,
        NGAY_YL=stamp(order),
        NGAY_TH_YL=stamp(done) if done else "",
        MA_PTTT=draft.payment,
        NGUON_CTRA="4" if given else "1",
    )
    draft.add("XML2", row)
    draft.last = max(draft.last, done or order)
    if covered and not done and units > each:
        draft.lines.append((row, medicine, units, goods.price, level))


def change(draft: Draft) -> str:
    """Take one dose off a take-home line and recompute it and the sums, as a correction after the audit; "" when there is none."""
    if not draft.lines or "XML2" not in draft.rows or "XML1" not in draft.rows:
        return ""
    row, medicine, units, price, level = draft.lines[-1]
    fewer, sums, top = units - medicine.each, draft.sums, draft.rows["XML1"][0]
    before, after = product(units * 1000, price), product(fewer * 1000, price)
    fund_before, fund = (before * level + 500) // 1000, (after * level + 500) // 1000
    for key in ("drug", "bv", "bh"):
        sums[key] += after - before
    sums["bhtt"] += fund - fund_before
    sums["bncct"] += (after - fund) - (before - fund_before)
    if draft.payment == "1":
        sums["gdv"] += fund - fund_before
    money = draft.amount
    row |= {
        "SO_LUONG": draft.number(fewer * 1000),
        "THANH_TIEN_BV": money(after),
        "THANH_TIEN_BH": money(after),
        "T_BHTT": money(fund),
        "T_BNCCT": money(after - fund),
    }
    row["LIEU_DUNG"] = row["LIEU_DUNG"].replace(f"[{units} ", f"[{fewer} ")
    write_sums(draft, top)
    if "THANH_TIEN" in row:
        row["THANH_TIEN"], top["T_TONGCHI"] = row["THANH_TIEN_BV"], top["T_TONGCHI_BV"]
    return f"XML2.{row['STT']}: {units} -> {fewer}"
