"""What goes wrong in real claims: one function per kind of `specs/synth/dirt.toml`, each spoiling a finished draft and saying how."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from . import people
from .dates import DAY
from .draft import Draft, Row
from .tables import spec

if TYPE_CHECKING:
    from collections.abc import Callable

    from .dice import Dice

MONEY_TABLES = ("XML2", "XML3")
NAME, CITIZEN, BIRTH = "HO_TEN", "SO_CCCD", "NGAY_SINH"
TEXTS = frozenset(
    "HO_TEN DIA_CHI LY_DO_VV LY_DO_VNT CHAN_DOAN_VAO CHAN_DOAN_RV PP_DIEU_TRI GHI_CHU TEN_THUOC TEN_DICH_VU TEN_VAT_TU DIEN_BIEN_LS DIEN_BIEN TEN_BENH "
    "DON_VI_TINH LIEU_DUNG CACH_DUNG DANG_BAO_CHE MO_TA KET_LUAN".split()
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of dirt: how often, and what a receiver should do with the claim or file."""

    name: str
    rate: float
    outcome: str


@cache
def kinds(level: str) -> tuple[Kind, ...]:
    """Give the kinds of one level: claim, file, stray or resend."""
    return tuple(Kind(name, one["rate"], one["outcome"]) for name, one in spec("dirt")[level].items())


def spoil(draft: Draft, dice: Dice, scale: float) -> list[tuple[str, str]]:
    """Spoil a draft by chance; gives (kind, detail) of everything done to it."""
    done = []
    for kind in kinds("claim"):
        if dice.random() < kind.rate * scale:
            detail = ACTS[kind.name](draft, dice)
            if detail is not None:
                done.append((kind.name, detail))
    return done


def _everywhere(draft: Draft, field: str, old: str, new: str) -> str | None:
    """Replace a person's value in all tables that repeat it."""
    if not old or old == new:
        return None
    for rows in draft.rows.values():
        for row in rows:
            if row.get(field) == old:
                row[field] = new
    return f"{field}: {old} -> {new}"


def _head(draft: Draft) -> Row:
    return draft.rows["XML1"][0] if draft.rows.get("XML1") else Row()


def _missing_citizen_number(draft: Draft, dice: Dice) -> str | None:
    del dice
    return _everywhere(draft, CITIZEN, _head(draft)[CITIZEN], "")


def _foreign_citizen_number(draft: Draft, dice: Dice) -> str | None:
    other = _relative(draft, dice)
    return _everywhere(draft, CITIZEN, _head(draft)[CITIZEN], other.citizen) if other else None


def _relative(draft: Draft, dice: Dice) -> people.Person | None:
    person = draft.person
    some = [one for one in (person.partner, person.mother, person.father) if one is not None]
    return dice.pick(some) if some else None


def _old_identity_card(draft: Draft, dice: Dice) -> str | None:
    return _everywhere(draft, CITIZEN, _head(draft)[CITIZEN], "04" + dice.digits(7)) if draft.person.age(draft.visit.arrive // DAY) > 20 else None  # noqa: PLR2004 - old cards are of grown people


def _garbled_citizen_number(draft: Draft, dice: Dice) -> str | None:
    number = _head(draft)[CITIZEN]
    at = dice.below(max(1, len(number)))
    return _everywhere(draft, CITIZEN, number, number[:at] + number[at + 1 :])


def _shared_card(draft: Draft, dice: Dice) -> str | None:
    other = _relative(draft, dice)
    field = "MA_THE" if "MA_THE" in _head(draft) else "MA_THE_BHYT"
    if other is None or not other.cards or ";" in _head(draft)[field]:
        return None
    return _everywhere(draft, field, _head(draft)[field], other.cards[-1].number)


def _year_only_birth(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = _head(draft)[BIRTH]
    return _everywhere(draft, BIRTH, old, old[:4].ljust(len(old), "0"))


def _first_of_january(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = _head(draft)[BIRTH]
    return _everywhere(draft, BIRTH, old, (old[:4] + "0101").ljust(len(old), "0")[: len(old)])


def _bare_year(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = _head(draft)[BIRTH]
    return _everywhere(draft, BIRTH, old, old[:4])


def _swapped_birth_day(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = _head(draft)[BIRTH]
    return _everywhere(draft, BIRTH, old, old[:4] + old[6:8] + old[4:6] + old[8:]) if old[6:8] <= "12" else None


def _rename(draft: Draft, new: str) -> str | None:
    return _everywhere(draft, NAME, _head(draft)[NAME], new)


def _lost_diacritics(draft: Draft, dice: Dice) -> str | None:
    del dice
    return _rename(draft, plain(_head(draft)[NAME]))


def plain(text: str) -> str:
    """Take all marks off."""
    text = text.replace("đ", "d").replace("Đ", "D")
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _question_marks(draft: Draft, dice: Dice) -> str | None:
    del dice
    for rows in draft.rows.values():
        for row in rows:
            for field in TEXTS & row.keys():
                row[field] = "".join(letter if ord(letter) < 128 else "?" for letter in row[field])  # noqa: PLR2004 - beyond ASCII
    return "all text"


def _name_typo(draft: Draft, dice: Dice) -> str | None:
    name = _head(draft)[NAME]
    if len(name) < 4:  # noqa: PLR2004 - too short to misspell
        return None
    at = dice.between(1, len(name) - 2)
    act = dice.below(3)
    new = (
        name[:at] + name[at + 1 :]
        if act == 0
        else name[:at] + name[at] + name[at:]
        if act == 1
        else name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    )
    return _rename(draft, new)


_TONES = {
    "oà": "òa",
    "oá": "óa",
    "oả": "ỏa",
    "uý": "úy",
    "uỳ": "ùy",
    "oè": "òe",
    "Lý": "Lí",
    "Mỹ": "Mĩ",
    "Hòa": "Hoà",
    "Thúy": "Thuý",
    "Thủy": "Thuỷ",
    "Hóa": "Hoá",
    "Quý": "Quí",
}


def _moved_tone(draft: Draft, dice: Dice) -> str | None:
    del dice
    name = _head(draft)[NAME]
    for old, new in _TONES.items():
        if old in name:
            return _rename(draft, name.replace(old, new))
    return None


def _swapped_name(draft: Draft, dice: Dice) -> str | None:
    del dice
    parts = _head(draft)[NAME].split()
    return _rename(draft, " ".join([parts[-1], *parts[:-1]])) if len(parts) > 1 else None


def _decomposed_text(draft: Draft, dice: Dice) -> str | None:
    del dice
    return _rename(draft, unicodedata.normalize("NFD", _head(draft)[NAME]))


def _wrong_sex(draft: Draft, dice: Dice) -> str | None:
    del dice
    old = _head(draft)["GIOI_TINH"]
    return _everywhere(draft, "GIOI_TINH", old, "2" if old == "1" else "1")


def _bad_phone(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
    if "DIEN_THOAI" not in top or "MA_THE" in top:
        return None
    top["DIEN_THOAI"] = dice.pick(("0", "000000000", "0912 345 67", "+84912345678", "khong co", "0123456789;0987654321"))
    return top["DIEN_THOAI"]


def _old_commune(draft: Draft, dice: Dice) -> str | None:
    del dice
    top, person = _head(draft), draft.person
    if "MA_THE" in top or draft.end // DAY < people.MERGED_COMMUNES:
        return None
    _, province, district, commune = people.address(person.place, person.former, False)  # noqa: FBT003
    new = top["MAXA_CU_TRU"]
    for field, value in (("MATINH_CU_TRU", province), ("MAHUYEN_CU_TRU", district), ("MAXA_CU_TRU", commune)):
        for rows in draft.rows.values():
            for row in rows:
                if field in row:
                    row[field] = value
    return f"{new} -> {commune}"


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


def _wrong_total(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
    field = dice.pick(("T_TONGCHI",) if "MA_THE" in top else ("T_TONGCHI_BV", "T_TONGCHI_BH", "T_BHTT", "T_THUOC"))
    old = top[field]
    top[field] = str(int(float(old or 0)) + dice.between(1000, 90000))
    return f"{field}: {old} -> {top[field]}"


def _wrong_line(draft: Draft, dice: Dice) -> str | None:
    for table in MONEY_TABLES:
        rows = draft.rows.get(table)
        if rows:
            row = dice.pick(rows)
            field = "THANH_TIEN" if "THANH_TIEN" in row else "THANH_TIEN_BV"
            old = row[field]
            row[field] = str(int(float(old or 0)) + dice.between(500, 9000))
            return f"{table}.{row['STT']}.{field}: {old} -> {row[field]}"
    return None


def _unknown_code(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
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


def _bad_date(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
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


def _paid_before_end(draft: Draft, dice: Dice) -> str | None:
    del dice
    top = _head(draft)
    if not top["NGAY_TTOAN"]:
        return None
    top["NGAY_TTOAN"] = top["NGAY_VAO"]
    return "NGAY_TTOAN = NGAY_VAO"


def _table(draft: Draft, dice: Dice) -> tuple[str, list[Row]] | None:
    some = [(name, rows) for name, rows in draft.rows.items() if name in {"XML2", "XML3", "XML4", "XML5"} and len(rows) > 1]
    return dice.pick(some) if some else None


def _duplicate_stt(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    found[1][-1]["STT"] = found[1][0]["STT"]
    return found[0]


def _stt_from_zero(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    for number, row in enumerate(found[1]):
        row["STT"] = str(number)
    return found[0]


def _mismatched_link(draft: Draft, dice: Dice) -> str | None:
    found = _table(draft, dice)
    if found is None:
        return None
    for row in found[1]:
        row["MA_LK"] = draft.link + "0"
    return found[0]


def _missing_table(draft: Draft, dice: Dice) -> str | None:
    some = [name for name in draft.rows if name != "XML1"]
    if not some:
        return None
    name = dice.pick(some)
    del draft.rows[name]
    return name


def _trailing_blank(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
    if draft.rows.get("XML3") and dice.chance(0.5):
        row = draft.rows["XML3"][-1]
        field = "MA_VAT_TU" if row["MA_VAT_TU"] else "MA_DICH_VU"
        row[field] += "\t"
        return f"XML3.{field}"
    field = "TEN_BENH" if "MA_THE" in top else "CHAN_DOAN_RV"
    top[field] += "  "
    return field


def _filler_text(draft: Draft, dice: Dice) -> str | None:
    del dice
    if "MA_THE" in _head(draft):
        return None
    _head(draft)["CHAN_DOAN_VAO"] = "."
    return "CHAN_DOAN_VAO"


def _markup_in_text(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
    top["DIA_CHI"] = dice.pick(("<b>Bản Nà Lơi</b> & Thanh Nưa", "<script>alert(1)</script>", "Bản '; DROP TABLE claim; --", 'Tổ 3 "A" > B < C && D'))
    return top["DIA_CHI"]


def _long_text(draft: Draft, dice: Dice) -> str | None:
    rows = draft.rows.get("XML4") or draft.rows.get("XML5")
    if not rows:
        return None
    field = "MO_TA" if draft.rows.get("XML4") else "DIEN_BIEN" if "DIEN_BIEN" in rows[0] else "DIEN_BIEN_LS"
    rows[0][field] = ("Mô tả rất dài\u00a0\tcó khoảng trắng đặc biệt. " * dice.between(110, 400)).strip()
    return field


def _huge_number(draft: Draft, dice: Dice) -> str | None:
    rows = draft.rows.get("XML3")
    if not rows:
        return None
    rows[0]["SO_LUONG"] = dice.pick(("9" * 400, "1e400", "-1"))
    return rows[0]["SO_LUONG"][:12]


def _unknown_field(draft: Draft, dice: Dice) -> str | None:
    draft.extra = f"<GHI_CHU_RIENG>{dice.digits(4)}</GHI_CHU_RIENG>"
    return draft.extra


def _unknown_table(draft: Draft, dice: Dice) -> str | None:
    draft.table = (
        f"<FILEHOSO><LOAIHOSO>XML99</LOAIHOSO><NOIDUNGFILE><CHI_TIEU_RIENG><MA_LK>{dice.digits(5)}</MA_LK></CHI_TIEU_RIENG></NOIDUNGFILE></FILEHOSO>"
    )
    return "XML99"


def _legacy_1258(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.charset = "1258"
    return "windows-1258"


def _legacy_tcvn3(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.charset = "tcvn3"
    return "tcvn3"


def _blank_base64(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.damage = "blank"
    return "blanks"


def _broken_base64(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.damage = "broken"
    return "XML1"


def _two_people(draft: Draft, dice: Dice) -> str | None:
    top = _head(draft)
    other = _relative(draft, dice)
    if other is None or "XML1" not in draft.rows:
        return None
    second = Row(top)
    second[NAME], second[CITIZEN], second[BIRTH], second["GIOI_TINH"] = (
        other.name,
        other.citizen,
        people.birth_text(other)[: len(top[BIRTH])],
        str(other.sex),
    )
    second["MA_BN"] = top["MA_BN"] + "9"
    draft.rows["XML1"] = [top, second]
    return other.uid


def _no_summary(draft: Draft, dice: Dice) -> str | None:
    del dice
    draft.rows.pop("XML1", None)
    return "XML1"


def _no_link(draft: Draft, dice: Dice) -> str | None:
    del dice
    for rows in draft.rows.values():
        for row in rows:
            row["MA_LK"] = ""
    return "MA_LK"


ACTS: dict[str, Callable[[Draft, Dice], str | None]] = {
    name[1:]: act for name, act in globals().items() if name[1:] in spec("dirt")["claim"] and callable(act)
}
if missing := spec("dirt")["claim"].keys() - ACTS.keys():
    raise ValueError(f"dirt.toml names kinds nobody makes: {sorted(missing)}")
