"""XML1: the summary of the visit: who, card, diagnoses, care type, times and the sums of all lines."""

from __future__ import annotations

from datetime import date

from . import people
from .dates import DAY, calendar, day_number, stamp, ymd
from .draft import HALF_FROM, Draft, Row, write_sums
from .names import FOREIGNER, KINH
from .places import BASE, PROVINCIAL, STATION
from .plan import BEDDED, CHRONIC, CHRONIC_TESTS, COURSE, DAYCARE, INPATIENT, LODGED, OUTPATIENT, REFILL, SHORT
from .tables import diagnoses

UNINSURED = "9"
ADVICE = (
    "Uống thuốc theo đơn, tái khám khi có bất thường",
    "Ăn nhạt, tập thể dục đều",
    "Nghỉ ngơi, uống nhiều nước",
    "Dùng thuốc đúng giờ, tái khám đúng hẹn",
    "",
)
METHODS = ("Nội khoa", "Điều trị nội khoa theo phác đồ", "Kháng sinh, hạ sốt, nâng đỡ thể trạng", "Thuốc uống, tư vấn chế độ ăn")
SHORT_SINCE_3176 = frozenset(("3176", "1931"))
FIRST_DAYS = 28
GROWN = 13
BEFORE_2025 = day_number(date(2025, 1, 1))


def scheme(draft: Draft) -> str:  # noqa: PLR0911 - a ladder of cases, first fit wins
    """Settle MA_DOITUONG_KCB and with it whether the visit is paid at half; follows QĐ 824/2023 before 2025, QĐ 3276/2025 since."""
    visit, facility, dice = draft.visit, draft.facility, draft.dice
    day = visit.arrive // DAY
    if not draft.insured:
        return UNINSURED
    if draft.person.age(day) * people.YEAR <= 5 and draft.cards[0].registered.endswith("000"):  # noqa: PLR2004 - VR039
        return "1.7"
    home = any(card.registered == facility.code for card in draft.cards)
    if home:
        return "1.2" if facility.level == STATION else "1.1"
    if visit.emergency:
        return "2"
    if visit.refer_from:
        visit.letter = f"{dice.between(1, 9999)}/GCT-{day % 100:02d}"
        return "1.3"
    if facility.level == STATION:
        return "1.2"
    if visit.kind == REFILL:
        return "10" if day >= BEFORE_2025 else "7.1"
    if visit.slip:
        visit.letter = f"{dice.between(1, 99999)}/GHKL"
        return "1.5"
    return _by_level(draft, day)


def _by_level(draft: Draft, day: int) -> str:
    visit, dice = draft.visit, draft.dice
    if visit.kind in (INPATIENT, SHORT):
        return ("1.15" if draft.facility.level == BASE else "3.2") if day >= BEFORE_2025 else "3.3"
    if draft.facility.level == BASE:
        return "1.12" if day >= BEFORE_2025 and visit.kind != DAYCARE else "3.3"
    if (
        draft.facility.level == PROVINCIAL
        and day >= HALF_FROM
        and draft.standard == "1931"
        and visit.kind in (OUTPATIENT, COURSE, CHRONIC, CHRONIC_TESTS)
        and dice.chance(0.4)
    ):
        draft.half = True
        return "1.14"
    visit.letter = f"{dice.between(1, 9999)}/GCT"
    return "1.3"


def department(draft: Draft) -> str:
    """Give the department that answers for the visit."""
    visit = draft.visit
    if visit.kind == COURSE:
        return "K16"
    if visit.kind not in BEDDED:
        return "K01"
    return visit.bed.department if visit.bed else "K18"


def names_of(draft: Draft) -> tuple[str, str]:
    """Give (main, all) diagnosis texts in the words of the edition in force."""
    edition = diagnoses()[int(draft.new_icd)]
    main = edition[draft.visit.icd][0]
    return main, "; ".join([main, *(edition[code][0] for code in draft.visit.also)])


def days_of(draft: Draft) -> int:
    """Give SO_NGAY_DTRI by care type."""
    visit = draft.visit
    if visit.kind in {INPATIENT, DAYCARE, COURSE, LODGED}:
        return draft.end // DAY - visit.arrive // DAY + 1
    if visit.kind == CHRONIC:
        return max((days for _, days in visit.drugs), default=1)
    return 1 if visit.kind == CHRONIC_TESTS else 0


def summary(draft: Draft, number: int, *, paid: bool) -> Row:
    """Write XML1; `paid` False leaves the payment out, as in a first sending."""
    visit, person, dice = draft.visit, draft.person, draft.dice
    main, all_names = names_of(draft)
    day = draft.end // DAY
    text, province, district, commune = people.address(person.place, person.former, day >= people.MERGED_COMMUNES)
    bedded = visit.kind in BEDDED
    pay = draft.end + dice.between(2, 25)
    on = calendar(pay // DAY if paid else day)
    row = Row(
        MA_LK=draft.link, STT="1", MA_BN=draft.local, HO_TEN=name_of(draft), SO_CCCD=_official(draft, day), NGAY_SINH=people.birth_text(person),
        GIOI_TINH=str(person.sex), NHOM_MAU=person.blood, MA_QUOCTICH=person.nationality,
        MA_DANTOC=person.ethnic if person.nationality == "000" else FOREIGNER,
        MA_NGHE_NGHIEP=person.job if draft.standard in SHORT_SINCE_3176 else "00000", DIA_CHI=f"{person.village}, {text}", MATINH_CU_TRU=province,
        MAHUYEN_CU_TRU=district, MAXA_CU_TRU=commune, DIEN_THOAI=person.phone, MA_THE_BHYT=";".join(card.number for card in draft.cards),
        MA_DKBD=";".join(card.registered for card in draft.cards), GT_THE_TU=";".join(_from(card, visit.arrive // DAY) for card in draft.cards),
        GT_THE_DEN=";".join(_to(card, day) for card in draft.cards),
        LY_DO_VV=dice.pick(visit.condition.why) if not visit.weeks else "Khám thai" if not bedded else f"Thai {visit.weeks} tuần, đau bụng từng cơn",
        LY_DO_VNT=f"{main}, cần theo dõi và điều trị tại khoa" if bedded else "", CHAN_DOAN_VAO=main if dice.chance(0.7) else f"Theo dõi {main}",
        CHAN_DOAN_RV=all_names, MA_BENH_CHINH=visit.icd, MA_BENH_KT=";".join(visit.also),
        MA_BENH_YHCT=visit.condition.tradition if draft.department == "K16" else "",
        MA_PTTT_QT=";".join(dict.fromkeys(line["MA_PTTT_QT"] for line in draft.rows.get("XML3", ()) if line["MA_PTTT_QT"])),
        MA_DOITUONG_KCB=draft.scheme, MA_NOI_DI=visit.refer_from if draft.scheme == "1.3" else "",
        MA_NOI_DEN=visit.refer_to.code if visit.refer_to else "", MA_TAI_NAN=visit.accident, NGAY_VAO=stamp(visit.arrive),
        NGAY_VAO_NOI_TRU=stamp(visit.arrive + 30) if bedded else "", NGAY_RA=stamp(draft.end), GIAY_CHUYEN_TUYEN=visit.letter,
        SO_NGAY_DTRI=str(days_of(draft)), PP_DIEU_TRI=f"Phẫu thuật: {visit.operation.name}" if visit.operation else dice.pick(METHODS),
        KET_QUA_DTRI=visit.outcome, MA_LOAI_RV=visit.discharge, GHI_CHU=dice.pick(ADVICE), NGAY_TTOAN=stamp(pay) if paid else "",
        NAM_QT=str(on.year), THANG_QT=f"{on.month:02d}" if draft.style.order else str(on.month), MA_LOAI_KCB=visit.kind, MA_KHOA=draft.department,
        MA_CSKCB=draft.facility.code, MA_KHUVUC=f"K{1 + person.former % 3}" if draft.scheme == "2" and person.ethnic != KINH else "",
        CAN_NANG=people.weight_on(person, day), CAN_NANG_CON=_babies(draft),
        NAM_NAM_LIEN_TUC="20200101" if draft.insured and sum(map(ord, person.uid)) % 3 == 0 and person.age(day) >= GROWN else "",
        NGAY_TAI_KHAM=ymd(day + visit.revisit) if visit.revisit else "", MA_HSBA=f"{draft.facility.code}.{on.year % 100:02d}.{number:07d}",
        MA_TTDV=signer(draft), DU_PHONG=people.height_on(person, day) if draft.standard in SHORT_SINCE_3176 and dice.chance(0.5) else "",
    )  # fmt: skip
    write_sums(draft, row)
    return row


def name_of(draft: Draft) -> str:
    """Give the name as written: capitals at some places, "Con bà …" for a newborn on the mother's temporary card."""
    person, name = draft.person, draft.person.name
    if (
        person.mother
        and draft.cards
        and draft.cards[0].registered.endswith("000")
        and person.age(draft.visit.arrive // DAY) * people.YEAR <= FIRST_DAYS
    ):
        number = f" {person.twin}" if person.twin > 1 else ""
        name = ("Con bà {}", "CB {}", "Con bà {}", "{} (con)")[sum(map(ord, person.uid)) % 4].format(person.mother.name) + number
    return name.upper() if draft.style.upper else name


def _official(draft: Draft, day: int) -> str:
    """A newborn has no number until the birth is registered."""
    return "" if draft.person.age(day) * people.YEAR < 60 else draft.official  # noqa: PLR2004 - days until registration


def _from(card: people.Card, day: int) -> str:
    if card.end == people.FAR and card.start < day - 366 and card.number[-1] in "02468":
        return f"{calendar(day).year}0101"
    return ymd(max(card.start, people.LONG_AGO) if card.start < people.LONG_AGO <= day else card.start)


def _to(card: people.Card, day: int) -> str:
    return f"{calendar(day).year}1231" if card.end == people.FAR and card.number[-1] in "02468" else ymd(card.end)


def _babies(draft: Draft) -> str:
    if draft.visit.babies:
        return ";".join(str(round(child.weight * 1000)) for child in draft.visit.babies)
    young = draft.person.age(draft.visit.arrive // DAY) * people.YEAR <= FIRST_DAYS
    return str(round(draft.person.weight * 1000)) if young else ""


def signer(draft: Draft) -> str:
    """Give MA_TTDV: the head's licence since QĐ 3176, the 10-digit number before."""
    return draft.facility.head.licence if draft.standard in SHORT_SINCE_3176 else draft.facility.head.bhxh
