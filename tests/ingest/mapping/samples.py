"""Synthetic claims for the mapping: one ordinary inpatient claim, and every field of every table of a decision filled."""

from __future__ import annotations

from yba.ingest.model import Envelope, ParsedClaim, Row
from yba.specs import claims
from yba.specs.claims import Column, Kind

LINK = "25.001234"
FACILITY = "11001"
ZERO = dict.fromkeys(("T_NGUONKHAC_NSNN", "T_NGUONKHAC_VTNN", "T_NGUONKHAC_VTTN", "T_NGUONKHAC_CL", "T_NGUONKHAC", "T_BNTT"), "0")


def header(**more: str) -> Row:
    """XML1 of an inpatient with pneumonia."""
    return {
        "MA_LK": LINK, "STT": "1", "MA_BN": "BN001", "HO_TEN": "LÒ VĂN THỬ", "SO_CCCD": "011085001234", "NGAY_SINH": "198501020000",
        "GIOI_TINH": "1", "MA_QUOCTICH": "000", "MA_DANTOC": "03", "MA_NGHE_NGHIEP": "00", "DIA_CHI": "Bản A, xã B",
        "MATINH_CU_TRU": "11", "MAXA_CU_TRU": "03127", "DIEN_THOAI": "0912345678", "MA_THE_BHYT": "DN4111234567890",
        "MA_DKBD": "11001", "GT_THE_TU": "20250101", "GT_THE_DEN": "20251231", "LY_DO_VV": "Ho, sốt", "LY_DO_VNT": "Viêm phổi",
        "CHAN_DOAN_VAO": "Viêm phổi", "CHAN_DOAN_RV": "Viêm phổi; Tăng huyết áp", "MA_BENH_CHINH": "J18.9", "MA_BENH_KT": "I10;E11.9",
        "MA_DOITUONG_KCB": "1.1", "NGAY_VAO": "202503010830", "NGAY_VAO_NOI_TRU": "202503010930", "NGAY_RA": "202503061000",
        "SO_NGAY_DTRI": "6", "PP_DIEU_TRI": "Nội khoa", "KET_QUA_DTRI": "2", "MA_LOAI_RV": "1", "GHI_CHU": "Uống thuốc theo đơn",
        "NGAY_TTOAN": "202503061030", "T_THUOC": "350000", "T_VTYT": "15000", "T_TONGCHI_BV": "2500000", "T_TONGCHI_BH": "2500000",
        "T_BNTT": "0", "T_BNCCT": "500000", "T_BHTT": "2000000", "T_NGUONKHAC": "0", "T_BHTT_GDV": "2000000", "NAM_QT": "2025",
        "THANG_QT": "03", "MA_LOAI_KCB": "03", "MA_KHOA": "K01;K03", "MA_CSKCB": FACILITY, "CAN_NANG": "60.5",
        "NGAY_TAI_KHAM": "20250320", "MA_HSBA": "HS25001", "MA_TTDV": "001234/DB-CCHN", **more,
    }  # fmt: skip


def medicine(n: int, **more: str) -> Row:
    """A row of XML2."""
    return {
        "MA_LK": LINK, "STT": str(n), "MA_THUOC": f"40.{n + 100}", "MA_NHOM": "4", "TEN_THUOC": "Cefotaxim 1g", "DON_VI_TINH": "Lọ",
        "HAM_LUONG": "1g", "DUONG_DUNG": "2.10", "DANG_BAO_CHE": "Bột pha tiêm", "LIEU_DUNG": "1 Lọ/lần * 2 lần/ngày * 5 ngày [10 Lọ]",
        "CACH_DUNG": "Tiêm tĩnh mạch chậm", "SO_DANG_KY": "VD-12345-15", "TT_THAU": "123/QĐ-SYT;G1;N4;2024", "PHAM_VI": "1",
        "TYLE_TT_BH": "100", "SO_LUONG": "10.000", "DON_GIA": "6300.000", "THANH_TIEN_BV": "63000.00", "THANH_TIEN_BH": "63000.00",
        **ZERO, "MUC_HUONG": "80", "T_BNCCT": "12600.00", "T_BHTT": "50400.00", "MA_KHOA": "K03", "MA_BAC_SI": "001234/DB-CCHN",
        "NGAY_YL": "202503010900", "NGAY_TH_YL": "202503010930", "MA_PTTT": "1", "NGUON_CTRA": "1", **more,
    }  # fmt: skip


def service(n: int, **more: str) -> Row:
    """A row of XML3, a test unless told otherwise."""
    return {
        "MA_LK": LINK, "STT": str(n), "MA_DICH_VU": "23.0075.1494", "MA_NHOM": "1", "TEN_DICH_VU": "Định lượng Glucose [Máu]",
        "DON_VI_TINH": "Lần", "PHAM_VI": "1", "SO_LUONG": "1", "DON_GIA_BV": "22400", "DON_GIA_BH": "22400", "TYLE_TT_DV": "100",
        "TYLE_TT_BH": "100", "THANH_TIEN_BV": "22400", "THANH_TIEN_BH": "22400", "MUC_HUONG": "80", **ZERO, "T_BNCCT": "4480",
        "T_BHTT": "17920", "MA_KHOA": "K03", "MA_BAC_SI": "001234/DB-CCHN", "NGUOI_THUC_HIEN": "000777/DB-CCHN", "MA_BENH": "J18.9",
        "NGAY_YL": "202503010900", "NGAY_TH_YL": "202503010930", "NGAY_KQ": "202503011030", "MA_PTTT": "1", "MA_MAY": "SH.1.ABC.1", **more,
    }  # fmt: skip


def supply(n: int) -> Row:
    """A supply row of XML3."""
    row = service(n, MA_VAT_TU="N03.01.020", TEN_VAT_TU="Bơm tiêm 5ml", MA_NHOM="10")
    return {name: value for name, value in row.items() if name not in {"MA_DICH_VU", "TEN_DICH_VU"}}


def result(n: int, **more: str) -> Row:
    """A row of XML4."""
    return {
        "MA_LK": LINK, "STT": str(n), "MA_DICH_VU": "23.0075.1494", "MA_CHI_SO": "23.0075.1494", "TEN_CHI_SO": "Glucose",
        "GIA_TRI": "5.60", "DON_VI_DO": "mmol/L", "NGAY_KQ": "202503011030", "MA_BS_DOC_KQ": "000777/DB-CCHN", **more,
    }  # fmt: skip


def image(n: int, **more: str) -> Row:
    """A row of XML4 that is a report in words."""
    return {
        "MA_LK": LINK, "STT": str(n), "MA_DICH_VU": "18.0119.0028", "TEN_CHI_SO": "Chụp Xquang ngực thẳng",
        "MO_TA": "Mờ đáy phổi phải\nTim không to", "KET_LUAN": "Viêm phổi phải", "NGAY_KQ": "202503011000",
        "MA_BS_DOC_KQ": "000888/DB-CCHN", **more,
    }  # fmt: skip


def note(n: int, **more: str) -> Row:
    """A row of XML5."""
    return {
        "MA_LK": LINK, "STT": str(n), "DIEN_BIEN_LS": "Tỉnh, ho ít, CSST<M75_T37.5_HA120/70_NT18_HL2>", "THOI_DIEM_DBLS": "202503020800",
        "NGUOI_THUC_HIEN": "001234/DB-CCHN", **more,
    }  # fmt: skip


PANEL = ("WBC", "RBC", "HGB", "PLT", "HCT")


def inpatient() -> ParsedClaim:
    """An ordinary inpatient claim: 25 rows, 620 fields, all kinds of XML2 to XML5."""
    return claim(
        {
            "XML1": [header()],
            "XML2": [medicine(n) for n in range(1, 9)],
            "XML3": [
                service(1),
                service(2, MA_DICH_VU="02.1896.1897", MA_NHOM="13", TEN_DICH_VU="Khám Nội"),
                service(3, MA_DICH_VU="K03.1907", MA_NHOM="15", TEN_DICH_VU="Giường Nội khoa loại 2", SO_LUONG="5", MA_GIUONG="H001"),
                service(4, MA_DICH_VU="18.0119.0028", MA_NHOM="2", TEN_DICH_VU="Chụp Xquang ngực thẳng"),
                service(5, MA_DICH_VU="03.0191.1510", MA_NHOM="18", TEN_DICH_VU="Khí dung thuốc"),
                supply(6),
                service(7, MA_DICH_VU="22.0121.1369", TEN_DICH_VU="Tổng phân tích tế bào máu ngoại vi"),
            ],
            "XML4": [
                result(1),
                *(
                    result(n, MA_DICH_VU="22.0121.1369", MA_CHI_SO=f"C{n}", TEN_CHI_SO=name, GIA_TRI="9.1", DON_VI_DO="10^9/L")
                    for n, name in enumerate(PANEL, 2)
                ),
                image(7),
            ],
            "XML5": [note(1), note(2)],
        }
    )


def claim(tables: dict[str, list[Row]], decision: str = "3176", link: str = LINK) -> ParsedClaim:
    """A claim of these tables."""
    return ParsedClaim(decision, FACILITY, link, tables, Envelope(created="20250306"))


def keys(parsed: ParsedClaim) -> dict[str, list[int]]:
    """Row keys of a first version."""
    return {name: list(range(1, len(rows) + 1)) for name, rows in parsed.tables.items()}


SAMPLE = {
    "MA_LK": LINK, "STT": "1", "MA_CSKCB": FACILITY, "MA_BN": "BN9", "MA_LOAI_BN": "1", "GIOI_TINH": "2", "GIOI_TINH_CON": "2", "SO_CCCD": "011190005678",
    "MA_THE_BHYT": "GD4111234567890;HC4111234567890", "MA_THE": "GD4111234567890", "GT_THE_TU": "20250101;20250301",
    "GT_THE_DEN": "20250228;20251231", "MA_DKBD": "11001;11002", "CAN_NANG": "51.5", "CAN_NANG_CON": "3100;2900", "MA_NHOM": "8",
    "NGAY_TAI_KHAM": "20250320;20250420", "MA_DICH_VU": "23.0075.1494", "GIA_TRI": "5.60",
}  # fmt: skip
"""Values where the kind of column does not say enough."""


def full_row(table: str, decision: str, n: int = 0) -> Row:
    """A row with every column of the table filled with its own value."""
    return {column.field: _value(column, i + n) for i, column in enumerate(claims.edition(decision).tables[table].columns)}


def _value(column: Column, n: int) -> str:
    if column.field in SAMPLE:
        return SAMPLE[column.field]
    if column.kind is Kind.DATETIME:
        day = f"202503{n % 27 + 1:02d}"
        return f"{day}0915" if 12 in column.digits or not column.digits else day
    if column.kind is Kind.NUMBER:
        return str(1000 + n) if column.field.startswith(("T_", "THANH", "DON_GIA")) else str(n % 3 + 2)
    return f"{column.field} {n}" if column.max_length is None or column.max_length > 10 else f"A{n}"


def full(decision: str) -> ParsedClaim:
    """Every table of a decision with every column filled, dates of the visit in order."""
    tables = {name: [full_row(name, decision)] for name in claims.edition(decision).tables if name not in {"XML0", "XML12"}}
    first = tables["XML1"][0]
    first |= {"NGAY_VAO": "202503010830", "NGAY_RA": "202503061000"}
    if "DU_PHONG" in first:
        first["DU_PHONG"] = "165"
    if "XML9" in tables:
        tables["XML9"][0]["CAN_NANG_CON"] = "3100"
    return claim(tables, decision)
