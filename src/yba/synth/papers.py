"""XML7-XML11, XML13, XML14: papers a visit brings - discharge, summary, birth, leave, referral, appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import people
from .dates import DAY, stamp, ymd
from .draft import Draft, Row
from .names import FEMALE
from .plan import BEDDED, COURSE, DAYCARE, DEAD, FLED, INPATIENT, LODGED, MOVED, MOVED_ON_WISH, OUTPATIENT
from .summary import signer

if TYPE_CHECKING:
    from .people import Person

SINCE_4750 = frozenset(("4750", "3176", "1931"))
PRETERM_WEEKS = 32
CHILD = 16
COOPERATIVE = "Hợp tác xã nông nghiệp"
STATES = ("tỉnh, mệt", "tỉnh, tiếp xúc được", "sốt, mệt nhiều")
FROM_XML1 = (
    "HO_TEN", "NGAY_SINH", "GIOI_TINH", "DIA_CHI", "MA_THE_BHYT", "GT_THE_DEN", "NGAY_VAO", "NGAY_VAO_NOI_TRU", "NGAY_RA", "CHAN_DOAN_RV",
    "MA_BENH_CHINH", "MA_BENH_KT", "MA_BENH_YHCT",
)  # fmt: skip


def papers(draft: Draft, top: Row) -> None:
    """Write the papers this visit asks for; `top` is its XML1."""
    visit = draft.visit
    if visit.kind in BEDDED and visit.outcome != DEAD and visit.discharge != FLED:
        _discharge(draft, top)
    if visit.kind in {INPATIENT, DAYCARE, LODGED}:
        _summary(draft, top)
    for child in visit.babies:
        _birth(draft, top, child)
    if visit.antenatal_leave:
        _antenatal_leave(draft)
    if visit.sick_leave and visit.kind in {OUTPATIENT, COURSE} and draft.insured:
        _sick_leave(draft, top)
    if draft.standard in SINCE_4750:
        if visit.discharge in {MOVED, MOVED_ON_WISH}:
            _referral(draft, top)
        if visit.revisit:
            _appointment(draft, top)


def _paper(draft: Draft) -> int:
    draft.facility.papers += 1
    return draft.facility.papers


def _parents(draft: Draft, row: Row, keys: tuple[str, str]) -> None:
    person = draft.person
    if person.age(draft.end // DAY) < CHILD and person.mother:
        row[keys[1]] = person.mother.name
        if person.father:
            row[keys[0]] = person.father.name


def _discharge(draft: Draft, top: Row) -> None:
    visit, person = draft.visit, draft.person
    number = _paper(draft)
    row = Row(
        MA_LK=draft.link, SO_LUU_TRU=f"{top['NAM_QT'][2:]}.{number:06d}", MA_YTE=draft.local, MA_KHOA_RV=draft.department, NGAY_VAO=top["NGAY_VAO"],
        NGAY_RA=top["NGAY_RA"], MA_DINH_CHI_THAI="0" if person.sex == FEMALE and draft.department == "K27" else "",
        CHAN_DOAN_RV=top["CHAN_DOAN_RV"][:1500], PP_DIEUTRI=top["PP_DIEU_TRI"], GHI_CHU=top["GHI_CHU"], MA_TTDV=signer(draft),
        MA_BS=draft.doctor.licence, TEN_BS=draft.doctor.name, NGAY_CT=ymd(draft.end // DAY),
    )  # fmt: skip
    _parents(draft, row, ("HO_TEN_CHA", "HO_TEN_ME"))
    if row["HO_TEN_CHA"] and person.father and person.father.cards:
        row["MA_CHA"] = person.father.bhxh
    if row["HO_TEN_ME"] and person.mother and person.mother.cards:
        row["MA_ME"] = person.mother.bhxh
    if draft.scheme == "1.7":
        row["MA_THE_TAM"] = draft.cards[0].number
    if visit.loss:
        row["MA_DINH_CHI_THAI"], row["NGUYENNHAN_DINHCHI"], row["TUOI_THAI"] = "1", "Thai lưu, sảy thai tự nhiên", str(visit.weeks)
        row["THOIGIAN_DINHCHI"] = stamp(visit.arrive + 200)
    if visit.sick_leave:
        day = draft.end // DAY
        row["SO_NGAY_NGHI"], row["NGOAITRU_TUNGAY"], row["NGOAITRU_DENNGAY"] = str(visit.sick_leave), ymd(day + 1), ymd(day + visit.sick_leave)
    draft.add("XML7", row)


def _summary(draft: Draft, top: Row) -> None:
    tests = "; ".join(
        f"{one['TEN_CHI_SO']}: {one['GIA_TRI']} {one['DON_VI_DO']}".strip() for one in draft.rows.get("XML4", ())[:24] if one["GIA_TRI"]
    )
    course = f"Bệnh diễn biến trước vào viện {draft.dice.between(1, 6)} ngày với {top['LY_DO_VV'].lower()}. Vào viện trong tình trạng "
    row = Row(
        MA_LK=draft.link, MA_LOAI_KCB=draft.visit.kind, DON_VI=draft.person.employer, NGAY_VAO=top["NGAY_VAO"], NGAY_RA=top["NGAY_RA"],
        CHAN_DOAN_VAO=top["CHAN_DOAN_VAO"], CHAN_DOAN_RV=top["CHAN_DOAN_RV"],
        QT_BENHLY=f"{course}{draft.dice.pick(STATES)}.",
        TOMTAT_KQ=tests[:3900] or "Không làm xét nghiệm", PP_DIEUTRI=top["PP_DIEU_TRI"], KET_QUA_DTRI=top["KET_QUA_DTRI"], GHI_CHU="",
        MA_TTDV=signer(draft), NGAY_CT=ymd(draft.end // DAY),
    )  # fmt: skip
    _parents(draft, row, ("HO_TEN_CHA", "HO_TEN_ME"))
    if draft.scheme == "1.7":
        row["MA_THE_TAM"] = draft.cards[0].number
    if row["HO_TEN_ME"] and draft.dice.chance(0.2):
        row["NGUOI_GIAM_HO"], row["GHI_CHU"] = row["HO_TEN_ME"], "Mẹ chăm sóc"
    draft.add("XML8", row)


def _birth(draft: Draft, top: Row, child: Person) -> None:
    woman, dice, number = draft.person, draft.dice, _paper(draft)
    preterm, operated = draft.visit.weeks < PRETERM_WEEKS, draft.visit.operation is not None
    note = ", ".join(word for word, on in (("Sinh con phải phẫu thuật", operated), ("Sinh con dưới 32 tuần tuổi", preterm)) if on)
    draft.add("XML9", Row(
        MA_LK=draft.link, MA_BHXH_NND=woman.bhxh if draft.insured else "", MA_THE_NND=draft.cards[-1].number if draft.cards else "",
        HO_TEN_NND=woman.name, NGAYSINH_NND=top["NGAY_SINH"][:8], MA_DANTOC_NND=top["MA_DANTOC"], SO_CCCD_NND=top["SO_CCCD"],
        NGAYCAP_CCCD_NND=ymd(draft.end // DAY - dice.between(400, 1500)), NOICAP_CCCD_NND="Cục Cảnh sát QLHC về TTXH",
        NOI_CU_TRU_NND=top["DIA_CHI"], MA_QUOCTICH=top["MA_QUOCTICH"], MATINH_CU_TRU=top["MATINH_CU_TRU"], MAHUYEN_CU_TRU=top["MAHUYEN_CU_TRU"],
        MAXA_CU_TRU=top["MAXA_CU_TRU"], HO_TEN_CHA=child.father.name if child.father else "", MA_THE_TAM=child.cards[0].number,
        HO_TEN_CON=child.name if dice.chance(0.7) else "", GIOI_TINH_CON=str(child.sex), SO_CON=str(len(draft.visit.babies)),
        LAN_SINH=str(max(1, woman.children - len(draft.visit.babies) + 1)), SO_CON_SONG=str(woman.children),
        CAN_NANG_CON=str(round(child.weight * 1000)), NGAY_SINH_CON=people.birth_text(child),
        NOI_SINH_CON=f"Cơ sở {draft.facility.code}, {draft.facility.commune.name}",
        TINH_TRANG_CON=dice.pick(("Khỏe mạnh", "Khóc to, hồng hào", "Apgar 9 điểm")), SINHCON_PHAUTHUAT=str(int(operated)),
        SINHCON_DUOI32TUAN=str(int(preterm)), GHI_CHU=note, NGUOI_DO_DE=draft.doctor.name, NGUOI_GHI_PHIEU=draft.facility.technicians[0].name,
        NGAY_CT=ymd(draft.end // DAY), SO=f"{number:05d}", QUYEN_SO=f"{top['NAM_QT']}/{1 + number // 100:02d}", MA_TTDV=signer(draft),
    ))  # fmt: skip


def _antenatal_leave(draft: Draft) -> None:
    day, number, days = draft.end // DAY, _paper(draft), draft.visit.antenatal_leave
    draft.add("XML10", Row(
        MA_LK=draft.link, SO_SERI=f"DT{number:07d}", SO_CT=f"{number}/DT", SO_NGAY=str(days), DON_VI=draft.person.employer or COOPERATIVE,
        CHAN_DOAN_RV="dưỡng thai", TU_NGAY=ymd(day), DEN_NGAY=ymd(day + days - 1), MA_TTDV=signer(draft), TEN_BS=draft.doctor.name,
        MA_BS=draft.doctor.licence, NGAY_CT=ymd(day),
    ))  # fmt: skip


def _sick_leave(draft: Draft, top: Row) -> None:
    day, number, days = draft.end // DAY, _paper(draft), draft.visit.sick_leave
    person = draft.person
    row = Row(
        MA_LK=draft.link, SO_CT=f"{number}/NV", SO_SERI=f"NV{number:07d}", SO_KCB=top["MA_HSBA"], DON_VI=person.employer,
        MA_BHXH=draft.person.bhxh, MA_THE_BHYT=top["MA_THE_BHYT"], CHAN_DOAN_RV=top["CHAN_DOAN_RV"], PP_DIEUTRI=top["PP_DIEU_TRI"],
        SO_NGAY_NGHI=str(days), TU_NGAY=ymd(day), DEN_NGAY=ymd(day + days - 1), MA_TTDV=signer(draft), MA_BS=draft.doctor.licence, NGAY_CT=ymd(day),
        MAU_SO="CT07",
    )  # fmt: skip
    if person.mother and not person.employer:  # leave to nurse a child is taken by the mother
        row["DON_VI"], row["HO_TEN_ME"] = person.mother.employer, person.mother.name
        row["HO_TEN_CHA"] = person.father.name if person.father else ""
    draft.add("XML11", row)


def _referral(draft: Draft, top: Row) -> None:
    visit, number = draft.visit, _paper(draft)
    goal = visit.refer_to.code if visit.refer_to else ""
    state = draft.dice.pick(("Tỉnh, huyết động ổn định", "Mệt, thở nhanh, mạch 100 lần/phút", "Tỉnh, đau nhiều"))
    row = Row({key: top[key] for key in (*FROM_XML1, "MA_QUOCTICH", "MA_DANTOC", "MA_LOAI_RV")})
    if draft.standard == "4750":  # since 3176 XML1 takes two digits and this table still five, so it stays empty
        row["MA_NGHE_NGHIEP"] = top["MA_NGHE_NGHIEP"]
    row |= Row(
        MA_LK=draft.link, SO_HOSO=top["MA_HSBA"][:50], SO_CHUYENTUYEN=str(number), GIAY_CHUYEN_TUYEN=f"{number}/{top['NAM_QT']}/GCT",
        MA_CSKCB=draft.facility.code, MA_CSKCB_DI=top["MA_NOI_DI"], MA_NOI_DI=top["MA_NOI_DI"], MA_CSKCB_DEN=goal, MA_NOI_DEN=goal,
        DAU_HIEU_LS=f"{top['LY_DO_VV']}; {state.lower()}", QT_BENHLY=f"Vào viện vì {top['LY_DO_VV'].lower()}, điều trị chưa đáp ứng",
        TOMTAT_KQ="; ".join(f"{one['TEN_CHI_SO']}: {one['GIA_TRI']}" for one in draft.rows.get("XML4", ())[:12] if one["GIA_TRI"]),
        PP_DIEUTRI=top["PP_DIEU_TRI"], PP_DIEU_TRI=top["PP_DIEU_TRI"], TINH_TRANG_CT=state,
        TEN_DICH_VU="; ".join(one["TEN_DICH_VU"] for one in draft.rows.get("XML3", ())[:5] if one["TEN_DICH_VU"]),
        TEN_THUOC="; ".join(one["TEN_THUOC"] for one in draft.rows.get("XML2", ())[:5]),
        MA_LYDO_CT="3" if visit.discharge == MOVED_ON_WISH else draft.dice.pick(("1", "2")), HUONG_DIEU_TRI="Tiếp tục điều trị tại tuyến trên",
        PHUONGTIEN_VC="Xe cứu thương" if visit.kind in BEDDED else "Tự túc",
        HOTEN_NGUOI_HT=draft.facility.technicians[0].name if visit.kind in BEDDED else "",
        CHUCDANH_NGUOI_HT="Điều dưỡng" if visit.kind in BEDDED else "", MA_BAC_SI=draft.doctor.licence, MA_TTDV=signer(draft),
    )  # fmt: skip
    draft.add("XML13", row)


def _appointment(draft: Draft, top: Row) -> None:
    number = _paper(draft)
    row = Row({key: top[key] for key in (*FROM_XML1, "MA_DOITUONG_KCB")})
    row |= Row(
        MA_LK=draft.link, SO_GIAYHEN_KL=f"{number}/{top['NAM_QT']}", MA_CSKCB=draft.facility.code,
        NGAY_HEN_KL=top["NGAY_TAI_KHAM"] + ("0000" if draft.standard == "4750" else ""), MA_BAC_SI=draft.doctor.licence, MA_TTDV=signer(draft),
        NGAY_CT=ymd(draft.end // DAY),
    )  # fmt: skip
    draft.add("XML14", row)
