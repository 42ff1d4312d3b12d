"""XML6 and XML15: care of people with HIV and of people with tuberculosis."""

from __future__ import annotations

from .dates import DAY, ymd
from .draft import Draft, Row
from .names import FEMALE
from .papers import SINCE_4750

REGIMENS = ("TDF/3TC/DTG", "TDF/3TC/EFV", "AZT/3TC/NVP")
SUPPLY_DAYS = 30
TB_COURSE_DAYS = 180


def programmes(draft: Draft, top: Row) -> None:
    """Write the programme table of the visit, if it has one."""
    if draft.visit.programme == "hiv" and draft.standard in {"130", *SINCE_4750}:
        _hiv(draft, top)
    if draft.visit.programme == "tb" and draft.standard in SINCE_4750:
        _tuberculosis(draft, top)


def _since(draft: Draft, low: int, high: int) -> int:
    """Give the day care began: fixed per person, always before the visit."""
    spread = sum(map(ord, draft.person.uid)) * 7919
    return draft.visit.arrive // DAY // 400 * 400 - low - spread % (high - low)


def _hiv(draft: Draft, top: Row) -> None:
    dice, day = draft.dice, draft.end // DAY
    confirmed = max(_since(draft, 300, 2500), draft.person.birth // DAY + 100)
    started = confirmed + 20
    regimen = REGIMENS[sum(map(ord, draft.person.uid)) % 3]
    loaded = dice.chance(0.12)
    group = 1 + sum(map(ord, draft.person.uid)) % 11
    row = Row(
        MA_LK=draft.link, MA_THE_BHYT=top["MA_THE_BHYT"], SO_CCCD=top["SO_CCCD"], NGAY_SINH=top["NGAY_SINH"], GIOI_TINH=top["GIOI_TINH"],
        DIA_CHI=top["DIA_CHI"], MATINH_CU_TRU=top["MATINH_CU_TRU"], MAHUYEN_CU_TRU=top["MAHUYEN_CU_TRU"], MAXA_CU_TRU=top["MAXA_CU_TRU"],
        NGAYKD_HIV=ymd(confirmed), NOI_LAY_MAU_XN=draft.facility.code, NOI_XN_KD=draft.facility.code[:2] + "001", NOI_BDDT_ARV=draft.facility.code,
        BDDT_ARV=ymd(started), MA_PHAC_DO_DIEU_TRI_BD=REGIMENS[1], MA_BAC_PHAC_DO_BD="1", MA_LYDO_DTRI="1", LOAI_DTRI_LAO="0",
        SANG_LOC_LAO=dice.pick(("1", "2", "2", "3")), KQ_DTRI_LAO="7", MA_LYDO_XNTL_VR="1" if loaded else "",
        NGAY_XN_TLVR=ymd(day - 6) if loaded else "", KQ_XNTL_VR=dice.pick(("1", "1", "2", "3")) if loaded else "",
        NGAY_KQ_XN_TLVR=ymd(day - 1) if loaded else "", MA_LOAI_BN="1", GIAI_DOAN_LAM_SANG=dice.pick(("1", "1", "2")), NHOM_DOI_TUONG=str(group),
        MA_TINH_TRANG_DK="9", MA_XU_TRI="1", NGAY_BAT_DAU_XU_TRI=ymd(day), NGAY_KET_THUC_XU_TRI=ymd(day + SUPPLY_DAYS), MA_PHAC_DO_DIEU_TRI=regimen,
        MA_BAC_PHAC_DO="1", SO_NGAY_CAP_THUOC_ARV=str(SUPPLY_DAYS), NGAY_CHUYEN_PHAC_DO=ymd(started + 200 if started + 200 < day else started),
        LY_DO_CHUYEN_PHAC_DO="5", MA_CSKCB=draft.facility.code,
    )  # fmt: skip
    _beside(draft, row, day)
    draft.add("XML6", row)


def _beside(draft: Draft, row: Row, day: int) -> None:
    """Tuberculosis beside HIV for one in twelve, cotrimoxazole for one in six, pregnancy told at the visit."""
    mark = sum(map(ord, draft.person.uid))
    if mark % 12 == 0:
        begun = day - 30 * (1 + mark % 4)
        row |= {"LOAI_DTRI_LAO": "2", "PHACDO_DTRI_LAO": "2", "NGAYBD_DTRI_LAO": ymd(begun), "NGAYKT_DTRI_LAO": ymd(begun + TB_COURSE_DAYS)}
        row |= {"KQ_DTRI_LAO": "1", "MA_TINH_TRANG_DK": "3", "MA_XU_TRI": "1;2" if draft.standard in SINCE_4750 else "1"}
    if mark % 6 == 1:
        row["NGAY_BAT_DAU_DT_CTX"] = ymd(day - 90)
    if draft.person.sex == FEMALE and 20 < draft.person.age(day) < 38 and draft.dice.chance(0.05):  # noqa: PLR2004 - fertile years
        row["NGAY_NHAN_TT_MANG_THAI"], row["MA_TINH_TRANG_DK"] = ymd(day), "4"


def _tuberculosis(draft: Draft, top: Row) -> None:
    dice, day = draft.dice, draft.end // DAY
    begun = day - (sum(map(ord, draft.person.uid)) % 5 + 1) * SUPPLY_DAYS
    resistant = sum(map(ord, draft.person.uid)) % 17 == 0
    infected = sum(map(ord, draft.person.uid)) % 5 == 0
    since = max(day - 900, draft.person.birth // DAY + 50)
    row = Row(
        MA_LK=draft.link, STT="", MA_BN=draft.local, HO_TEN=top["HO_TEN"], SO_CCCD=top["SO_CCCD"], PHANLOAI_LAO_VITRI="1",
        PHANLOAI_LAO_TS=dice.pick(("1", "1", "1", "2")), PHANLOAI_LAO_HIV="1" if infected else "2",
        PHANLOAI_LAO_VK="1" if draft.visit.icd.startswith("A15") else "2", PHANLOAI_LAO_KT="4" if resistant else "",
        LOAI_DTRI_LAO="3" if resistant else "2", NGAYBD_DTRI_LAO=ymd(begun), PHACDO_DTRI_LAO="8" if resistant else dice.pick(("1", "2")),
        NGAYKT_DTRI_LAO=ymd(begun + TB_COURSE_DAYS) if begun + TB_COURSE_DAYS <= day else "",
        KET_QUA_DTRI_LAO="2" if begun + TB_COURSE_DAYS <= day else "6", MA_CSKCB=draft.facility.code,
    )  # fmt: skip
    if infected:
        row |= {"NGAYKD_HIV": ymd(since), "BDDT_ARV": ymd(since + 20), "NGAY_BAT_DAU_DT_CTX": ymd(since + 25)}
    draft.add("XML15", row)
