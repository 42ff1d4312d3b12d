"""Dirt in the content of a claim: codes, dates, sums, sequence numbers, missing tables, lost letters, broken encodings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .faults import fault, head

if TYPE_CHECKING:
    from .dice import Dice
    from .draft import Draft, Row

MONEY_TABLES = ("XML2", "XML3")
TEXTS = frozenset(
    "HO_TEN DIA_CHI LY_DO_VV LY_DO_VNT CHAN_DOAN_VAO CHAN_DOAN_RV PP_DIEU_TRI GHI_CHU TEN_THUOC TEN_DICH_VU TEN_VAT_TU DIEN_BIEN_LS DIEN_BIEN "
    "TEN_BENH DON_VI_TINH LIEU_DUNG CACH_DUNG DANG_BAO_CHE MO_TA KET_LUAN".split()
)


def _table(draft: Draft, dice: Dice) -> tuple[str, list[Row]] | None:
    some = [(name, rows) for name, rows in draft.rows.items() if name in {"XML2", "XML3", "XML4", "XML5"} and len(rows) > 1]
    return dice.pick(some) if some else None


def whole(text: str) -> int:
    """Read an amount that other dirt may have spoiled already."""
    try:
        return int(float(text.replace(",", ".") or 0))
    except ValueError:
        return 0


@fault
def _question_marks(draft: Draft, dice: Dice) -> str | None:
    del dice
    for rows in draft.rows.values():
        for row in rows:
            for field in TEXTS & row.keys():
                row[field] = "".join(letter if ord(letter) < 128 else "?" for letter in row[field])  # noqa: PLR2004 - beyond ASCII
    return "all text"


@fault
def _comma_decimals(draft: Draft, dice: Dice) -> str | None:
    count = 0
    fields = dice.pick((("THANH_TIEN_BV", "THANH_TIEN_BH", "THANH_TIEN", "T_BHTT", "T_BNCCT", "DON_GIA"), ("CAN_NANG",), ("GIA_TRI",)))
    for rows in draft.rows.values():
        for row in rows:
            for field in fields:
                if "." in row[field]:
                    row[field] = row[field].replace(".", ",")
                    count += 1
    return f"{fields[0]}: {count}" if count else None


@fault
def _wrong_total(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    field = dice.pick(("T_TONGCHI",) if "MA_THE" in top else ("T_TONGCHI_BV", "T_TONGCHI_BH", "T_BHTT", "T_THUOC"))
    old = top[field]
    top[field] = str(whole(old) + dice.between(1000, 90000))
    return f"{field}: {old} -> {top[field]}"


@fault
def _wrong_line(draft: Draft, dice: Dice) -> str | None:
    for table in MONEY_TABLES:
        rows = draft.rows.get(table)
        if rows:
            row = dice.pick(rows)
            field = "THANH_TIEN" if "THANH_TIEN" in row else "THANH_TIEN_BV"
            old = row[field]
            row[field] = str(whole(old) + dice.between(500, 9000))
            return f"{table}.{row['STT']}.{field}: {old} -> {row[field]}"
    return None


@fault
def _unknown_code(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    choices = [("MA_KHOA", "K99"), ("KET_QUA_DTRI", "0"), ("GIOI_TINH", "4")]
    choices += (
        [("MA_BENH", "X00.Z9"), ("MA_LYDO_VVIEN", "7")]
        if "MA_THE" in top
        else [("MA_BENH_CHINH", "J9O.1"), ("MA_DANTOC", "88"), ("MAXA_CU_TRU", "99999"), ("MA_LOAI_RV", "9"), ("MA_DOITUONG_KCB", "5.5")]
    )
    field, value = dice.pick(choices)
    old = top[field]
    top[field] = value
    return f"{field}: {old} -> {value}"


@fault
def _bad_date(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    act = dice.below(4)
    if act == 0:
        top["NGAY_RA"], top["NGAY_VAO"] = top["NGAY_VAO"], top["NGAY_RA"]
        return "NGAY_RA < NGAY_VAO"
    field = ("NGAY_VAO", "NGAY_RA", "NGAY_TTOAN")[act - 1]
    old = top[field]
    if not old:
        return None
    top[field] = dice.pick(
        (old[:4] + "13" + old[6:], old[:6] + "32" + old[8:], old[:8] + "2575", f"{old[6:8]}/{old[4:6]}/{old[:4]}", "0000" + old[4:], old[:8])
    )
    return f"{field}: {old} -> {top[field]}"


@fault
def _paid_before_end(draft: Draft, dice: Dice) -> str | None:
    del dice
    top = head(draft)
    if not top["NGAY_TTOAN"]:
        return None
    top["NGAY_TTOAN"] = top["NGAY_VAO"]
    return "NGAY_TTOAN = NGAY_VAO"


@fault
def _duplicate_stt(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    found[1][-1]["STT"] = found[1][0]["STT"]
    return found[0]


@fault
def _stt_from_zero(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    for number, row in enumerate(found[1]):
        row["STT"] = str(number)
    return found[0]


@fault
def _mismatched_link(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    for row in found[1]:
        row["MA_LK"] = draft.link + "0"
    return found[0]


@fault
def _missing_table(draft: Draft, dice: Dice) -> str | None:
    some = [name for name in draft.rows if name != "XML1"]
    if not some:
        return None
    name = dice.pick(some)
    del draft.rows[name]
    return name


@fault
def _trailing_blank(draft: Draft, dice: Dice) -> str | None:
    top = head(draft)
    if draft.rows.get("XML3") and dice.chance(0.5):
        row = draft.rows["XML3"][-1]
        field = "MA_VAT_TU" if row["MA_VAT_TU"] else "MA_DICH_VU"
        row[field] += "\t"
        return f"XML3.{field}"
    field = "TEN_BENH" if "MA_THE" in top else "CHAN_DOAN_RV"
    top[field] += "  "
    return field


@fault
def _filler_text(draft: Draft, dice: Dice) -> str | None:
    del dice
    if "MA_THE" in head(draft):
        return None
    head(draft)["CHAN_DOAN_VAO"] = "."
    return "CHAN_DOAN_VAO"


@fault
def _long_text(draft: Draft, dice: Dice) -> str | None:
    rows = draft.rows.get("XML4") or draft.rows.get("XML5")
    if not rows:
        return None
    field = "MO_TA" if draft.rows.get("XML4") else "DIEN_BIEN" if "DIEN_BIEN" in rows[0] else "DIEN_BIEN_LS"
    rows[0][field] = ("Mô tả rất dài\u00a0\tcó khoảng trắng đặc biệt. " * dice.between(110, 400)).strip()
    return field


@fault
def _huge_number(draft: Draft, dice: Dice) -> str | None:
    rows = draft.rows.get("XML3")
    if not rows:
        return None
    rows[0]["SO_LUONG"] = dice.pick(("9" * 400, "1e400", "-1"))
    return rows[0]["SO_LUONG"][:12]


@fault
def _unknown_field(draft: Draft, dice: Dice) -> str | None:
    draft.extra = f"<GHI_CHU_RIENG>{dice.digits(4)}</GHI_CHU_RIENG>"
    return draft.extra


@fault
def _unknown_table(draft: Draft, dice: Dice) -> str | None:
    draft.table = (
        f"<FILEHOSO><LOAIHOSO>XML99</LOAIHOSO><NOIDUNGFILE><CHI_TIEU_RIENG><MA_LK>{dice.digits(5)}</MA_LK></CHI_TIEU_RIENG></NOIDUNGFILE></FILEHOSO>"
    )
    return "XML99"


@fault
def _legacy_1258(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.charset = "1258"
    return "windows-1258"


@fault
def _legacy_tcvn3(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.charset = "tcvn3"
    return "tcvn3"


@fault
def _blank_base64(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.damage = "blank"
    return "blanks"


@fault
def _broken_base64(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.damage = "broken"
    return "XML1"


@fault
def _no_summary(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.rows.pop("XML1", None)
    return "XML1"


@fault
def _no_link(draft: Draft, dice: Dice) -> str | None:
    del dice
    for rows in draft.rows.values():
        for row in rows:
            row["MA_LK"] = ""
    return "MA_LK"
