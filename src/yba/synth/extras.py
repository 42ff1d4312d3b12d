"""Files beside the claims: check-ins, lone XML12, health checks, home-made envelopes, empty files, JSON named .xml."""

from __future__ import annotations

from typing import TYPE_CHECKING

from yba.specs.claims import edition

from . import people
from .dates import DAY, stamp, ymd
from .draft import Draft, Row
from .envelope import assessment, check_in, to_bytes
from .render import Writer

if TYPE_CHECKING:
    from .dice import Dice
    from .people import Person
    from .places import Facility

CHECK_IN_FIELDS = (
    "MA_LK",
    "MA_BN",
    "HO_TEN",
    "SO_CCCD",
    "NGAY_SINH",
    "GIOI_TINH",
    "MA_THE_BHYT",
    "MA_DKBD",
    "GT_THE_TU",
    "GT_THE_DEN",
    "MA_DOITUONG_KCB",
    "NGAY_VAO",
    "NGAY_VAO_NOI_TRU",
    "LY_DO_VNT",
    "MA_LOAI_KCB",
    "MA_CSKCB",
)


def check_in_file(draft: Draft, writer: Writer) -> bytes | None:
    """Write the check-in of a visit, sent right after the first charge; None where the standard or the visit has none."""
    if "XML0" not in writer.edition.tables or draft.visit.emergency or not draft.rows.get("XML3"):
        return None
    top, first = draft.rows["XML1"][0], draft.rows["XML3"][0]
    row = Row({key: top[key] for key in CHECK_IN_FIELDS if ";" not in top[key]}, STT="1")
    for key in ("MA_DICH_VU", "TEN_DICH_VU", "NGAY_YL"):
        row[key] = first[key]
    return to_bytes(draft.style, check_in(writer, draft.style, row))


def assessment_file(person: Person, facility: Facility, dice: Dice, day: int) -> bytes:
    """Write a lone XML12: an assessment of working capacity, with no link to any visit."""
    writer = Writer("1931" if "XML12" in edition("1931").tables else "3176", facility.style)
    text, province, district, commune = people.address(person.place, person.former, day >= people.MERGED_COMMUNES)
    old, new = dice.between(0, 30), dice.between(5, 60)
    row = Row(
        NGUOI_CHU_TRI=facility.head.name, CHUC_VU=dice.pick("12"), NGAY_HOP=ymd(day), HO_TEN=person.name, NGAY_SINH=ymd(person.birth // DAY),
        SO_CCCD=person.citizen, NGAY_CAP_CCCD=ymd(day - 900), NOI_CAP_CCCD="Cục Cảnh sát QLHC về TTXH", DIA_CHI=f"{person.village}, {text}",
        MATINH_CU_TRU=province, MAHUYEN_CU_TRU=district, MAXA_CU_TRU=commune, MA_BHXH=person.bhxh,
        MA_THE_BHYT=person.cards[-1].number if person.cards else "", NGHE_NGHIEP="Công nhân", DIEN_THOAI=person.phone,
        MA_DOI_TUONG=dice.pick(("TNLĐ", "BNN", "NKT", "TB")), KHAM_GIAM_DINH=dice.pick("12"), SO_BIEN_BAN=f"{dice.digits(4)}/BB-GĐYK",
        TYLE_TTCT_CU=str(old) if old else "", DANG_HUONG_CHE_DO=dice.pick("1467"), NGAY_CHUNG_TU=ymd(day),
        SO_GIAY_GIOI_THIEU=f"{dice.digits(3)}/GGT", NGAY_DE_NGHI=ymd(day - 30), MA_DONVI=facility.code, GIOI_THIEU_CUA="Bảo hiểm xã hội cơ sở",
        KET_QUA_KHAM="Hạn chế vận động khớp vai phải, teo cơ nhẹ", SO_VAN_BAN_CAN_CU="TT 22/2019/TT-BYT", TYLE_TTCT_MOI=str(new),
        TONG_TYLE_TTCT=str(min(100, old + new)), DANG_KHUYETTAT=dice.pick("16"), MUC_DO_KHUYETTAT=dice.pick("12"),
        DE_NGHI="Hưởng chế độ theo quy định", DUOC_XACDINH=f"Tổn thương cơ thể {new} %",
    )  # fmt: skip
    return to_bytes(facility.style, assessment(writer, facility.style, (row,)))


def health_check_file(person: Person, facility: Facility, day: int) -> bytes:
    """Write the health-check exchange of 2026: the same table names, other tables."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><KHAMSUCKHOE><THONGTINDONVI><MACSKCB>893'
        f"{facility.code}00000</MACSKCB></THONGTINDONVI><THONGTINHOSO><NGAYLAP>{ymd(day)}</NGAYLAP><SOLUONGHOSO>1</SOLUONGHOSO><DANHSACHHOSO><FILEHOSO>"
        f"<LOAIHOSO>XML1</LOAIHOSO><NOIDUNGFILE><THONGTINCHUNG>"
        f"<HO_TEN>{person.name}</HO_TEN><NGAY_SINH>{ymd(person.birth // DAY)}</NGAY_SINH></THONGTINCHUNG></NOIDUNGFILE>"
        "</FILEHOSO></DANHSACHHOSO></THONGTINHOSO></KHAMSUCKHOE>"
    ).encode()


def home_made_file(person: Person, facility: Facility, day: int) -> bytes:
    """Write an envelope of somebody's own making: root HS, ISO dates."""
    text = stamp(day * DAY + 600)
    iso = f"{text[:4]}-{text[4:6]}-{text[6:8]}T10:00:00"
    return f"<HS><CSKCB>{facility.code}</CSKCB><BENHNHAN><HOTEN>{person.name}</HOTEN><NGAYVAO>{iso}</NGAYVAO></BENHNHAN></HS>".encode()


def stray_file(kind: str, person: Person, facility: Facility, dice: Dice, day: int) -> bytes:
    """Write a file of the named kind of `[stray]` in dirt.toml."""
    match kind:
        case "assessment":
            return assessment_file(person, facility, dice, day)
        case "health_check":
            return health_check_file(person, facility, day)
        case "home_made":
            return home_made_file(person, facility, day)
        case "json_file":
            return f'{{"MA_CSKCB":"{facility.code}","HO_TEN":"{person.name}"}}'.encode()
        case _:
            return b""
