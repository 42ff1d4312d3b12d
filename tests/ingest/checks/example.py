"""A perfectly valid synthetic claim of QĐ 3176 to bend, one fault at a time."""

from __future__ import annotations

from copy import deepcopy
from datetime import date

from yba.ingest.checks import Context, check
from yba.ingest.model import Envelope, Finding, ParsedClaim, Row

TODAY = date(2026, 6, 20)
CODES = (
    "23.0075.1494",
    "23.0051.1494",
    "23.0002.1454",
    "23.0003.1494",
    "23.0004.1455",
    "23.0006.1497",
    "23.0007.1494",
    "23.0008.1490",
    "23.0009.1493",
    "23.0010.1494",
    "23.0011.1459",
    "23.0013.1491",
    "23.0014.1460",
    "23.0015.1461",
    "23.0016.1462",
    "23.0017.1462",
    "23.0018.1457",
    "23.0019.1493",
    "23.0020.1493",
    "23.0022.1465",
    "23.0023.1492",
    "23.0024.1464",
    "23.0025.1493",
    "23.0026.1493",
)
"""Laboratory services of QĐ 7603."""
LINK = "01001.2606.000123"
FACILITY = "01001"

HEAD: Row = {
    "MA_LK": LINK, "STT": "1", "MA_BN": "BN0000017", "HO_TEN": "NGUYỄN THỊ VÍ DỤ", "SO_CCCD": "001190000017",
    "NGAY_SINH": "199003050000", "GIOI_TINH": "2", "MA_QUOCTICH": "000", "MA_DANTOC": "01", "MA_NGHE_NGHIEP": "00",
    "DIA_CHI": "Số 1 phố Ví Dụ", "MATINH_CU_TRU": "01", "MAXA_CU_TRU": "00004", "DIEN_THOAI": "0900000000",
    "MA_THE_BHYT": "GD4010100000017", "MA_DKBD": FACILITY, "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231",
    "LY_DO_VV": "Sốt, ho", "LY_DO_VNT": "Viêm phổi", "CHAN_DOAN_VAO": "Viêm phổi", "CHAN_DOAN_RV": "Viêm phổi, không đặc hiệu",
    "MA_BENH_CHINH": "J18.9", "MA_BENH_KT": "I10", "MA_DOITUONG_KCB": "1.1", "NGAY_VAO": "202606100800",
    "NGAY_VAO_NOI_TRU": "202606100900", "NGAY_RA": "202606151000", "SO_NGAY_DTRI": "6", "PP_DIEU_TRI": "Kháng sinh",
    "KET_QUA_DTRI": "1", "MA_LOAI_RV": "1", "NGAY_TTOAN": "202606151030", "T_THUOC": "0", "T_VTYT": "0", "T_TONGCHI_BV": "0",
    "T_TONGCHI_BH": "0", "T_BNTT": "0", "T_BNCCT": "0", "T_BHTT": "0", "T_NGUONKHAC": "0", "T_BHTT_GDV": "0",
    "NAM_QT": "2026", "THANG_QT": "6", "MA_LOAI_KCB": "03", "MA_KHOA": "K03", "MA_CSKCB": FACILITY, "CAN_NANG": "52.5",
    "MA_HSBA": "HSBA-17", "MA_TTDV": "000017/HNO-GPHN",
}  # fmt: skip

DRUG: Row = {
    "MA_LK": LINK, "STT": "1", "MA_THUOC": "40.155", "MA_NHOM": "4", "TEN_THUOC": "Amoxicilin 500mg", "DON_VI_TINH": "Viên",
    "HAM_LUONG": "500mg", "DUONG_DUNG": "1.01", "DANG_BAO_CHE": "Viên nang", "LIEU_DUNG": "1 viên/lần * 2 lần/ngày * 5 ngày [10 viên]",
    "CACH_DUNG": "Uống sau ăn", "SO_DANG_KY": "VD-00017-18", "TT_THAU": "17/QĐ-SYT;G1;N1;2025", "PHAM_VI": "1", "TYLE_TT_BH": "100",
    "SO_LUONG": "10.000", "DON_GIA": "1550.000", "THANH_TIEN_BV": "15500.00", "THANH_TIEN_BH": "15500.00",
    "T_NGUONKHAC_NSNN": "0", "T_NGUONKHAC_VTNN": "0", "T_NGUONKHAC_VTTN": "0", "T_NGUONKHAC_CL": "0", "T_NGUONKHAC": "0",
    "MUC_HUONG": "80", "T_BNTT": "0", "T_BNCCT": "3100", "T_BHTT": "12400.00", "MA_KHOA": "K03", "MA_BAC_SI": "000123/HNO-GPHN",
    "NGAY_YL": "202606100915", "NGAY_TH_YL": "202606100930", "MA_PTTT": "1", "NGUON_CTRA": "1",
}  # fmt: skip

SERVICE: Row = {
    "MA_LK": LINK, "STT": "1", "MA_DICH_VU": "23.0075.1494", "MA_NHOM": "1", "TEN_DICH_VU": "Định lượng Glucose [Máu]",
    "DON_VI_TINH": "Lần", "PHAM_VI": "1", "SO_LUONG": "1", "DON_GIA_BV": "21500", "DON_GIA_BH": "21500", "TYLE_TT_DV": "100",
    "TYLE_TT_BH": "100", "THANH_TIEN_BV": "21500", "THANH_TIEN_BH": "21500", "MUC_HUONG": "80", "T_NGUONKHAC_NSNN": "0",
    "T_NGUONKHAC_VTNN": "0", "T_NGUONKHAC_VTTN": "0", "T_NGUONKHAC_CL": "0", "T_NGUONKHAC": "0", "T_BNTT": "0", "T_BNCCT": "4300",
    "T_BHTT": "17200", "MA_KHOA": "K03", "MA_BAC_SI": "000123/HNO-GPHN", "NGUOI_THUC_HIEN": "000456/HNO-GPHN", "MA_BENH": "J18.9",
    "NGAY_YL": "202606100920", "NGAY_TH_YL": "202606100940", "NGAY_KQ": "202606101040", "MA_PTTT": "1", "MA_MAY": "SH.1.A0017",
}  # fmt: skip

BED: Row = {
    **SERVICE, "STT": "2", "MA_DICH_VU": "K03.1918", "MA_NHOM": "15", "TEN_DICH_VU": "Giường Nội khoa", "DON_VI_TINH": "Ngày",
    "SO_LUONG": "5", "DON_GIA_BV": "200000", "DON_GIA_BH": "200000", "THANH_TIEN_BV": "1000000", "THANH_TIEN_BH": "1000000",
    "T_BNCCT": "200000", "T_BHTT": "800000", "MA_GIUONG": "H001", "NGAY_TH_YL": "202606100930", "NGAY_YL": "202606100930",
    "NGAY_KQ": "202606151000", "MA_MAY": "BED",
}  # fmt: skip

RESULT: Row = {
    "MA_LK": LINK, "STT": "1", "MA_DICH_VU": "23.0075.1494", "MA_CHI_SO": "Glucose", "TEN_CHI_SO": "Glucose", "GIA_TRI": "5.4",
    "DON_VI_DO": "mmol/L", "NGAY_KQ": "202606101040", "MA_BS_DOC_KQ": "000456/HNO-GPHN",
}  # fmt: skip

NOTE: Row = {
    "MA_LK": LINK, "STT": "1", "DIEN_BIEN_LS": "Tỉnh, ho ít, không sốt", "THOI_DIEM_DBLS": "202606110800", "NGUOI_THUC_HIEN": "000123/HNO-GPHN",
}  # fmt: skip

DISCHARGE: Row = {
    "MA_LK": LINK, "SO_LUU_TRU": "17/2026", "MA_YTE": "BN0000017", "MA_KHOA_RV": "K03", "NGAY_VAO": "202606100800", "NGAY_RA": "202606151000",
    "CHAN_DOAN_RV": "Viêm phổi", "PP_DIEUTRI": "Kháng sinh", "MA_TTDV": "000017/HNO-GPHN", "MA_BS": "000123/HNO-GPHN",
    "TEN_BS": "TRẦN VĂN MẪU", "NGAY_CT": "20260615",
}  # fmt: skip

SUMMARY: Row = {
    "MA_LK": LINK, "MA_LOAI_KCB": "03", "NGAY_VAO": "202606100800", "NGAY_RA": "202606151000", "CHAN_DOAN_VAO": "Viêm phổi",
    "CHAN_DOAN_RV": "Viêm phổi, không đặc hiệu", "QT_BENHLY": "Sốt 3 ngày", "TOMTAT_KQ": "Glucose 5.4", "PP_DIEUTRI": "Kháng sinh",
    "KET_QUA_DTRI": "1", "MA_TTDV": "000017/HNO-GPHN", "NGAY_CT": "20260615",
}  # fmt: skip


def claim(drugs: int = 2, services: int = 2, decision: str = "3176") -> ParsedClaim:
    """A valid inpatient claim with that many drug and laboratory lines and one bed."""
    tables: dict[str, list[Row]] = {"XML1": [deepcopy(HEAD)]}
    tables["XML2"] = [{**DRUG, "STT": str(n)} for n in range(1, drugs + 1)]
    tables["XML3"] = [{**SERVICE, "STT": str(n), "MA_DICH_VU": CODES[(n - 1) % len(CODES)]} for n in range(1, services + 1)] + [
        {**BED, "STT": str(services + 1)}
    ]
    tables["XML3"][-1].pop("MA_MAY")
    tables["XML4"] = [{**RESULT, "STT": str(n), "MA_DICH_VU": CODES[(n - 1) % len(CODES)]} for n in range(1, services + 1)]
    tables["XML5"] = [deepcopy(NOTE)]
    tables["XML7"], tables["XML8"] = [deepcopy(DISCHARGE)], [deepcopy(SUMMARY)]
    head = tables["XML1"][0]
    head |= {
        "T_THUOC": f"{15500 * drugs}", "T_VTYT": "0", "T_TONGCHI_BV": f"{15500 * drugs + 21500 * services + 1_000_000}",
        "T_TONGCHI_BH": f"{15500 * drugs + 21500 * services + 1_000_000}", "T_BNTT": "0",
        "T_BNCCT": f"{3100 * drugs + 4300 * services + 200_000}", "T_BHTT": f"{12400 * drugs + 17200 * services + 800_000}",
        "T_BHTT_GDV": f"{12400 * drugs + 17200 * services + 800_000}",
    }  # fmt: skip
    return ParsedClaim(decision, FACILITY, LINK, tables, Envelope(facility=FACILITY, declared_count=1))


def findings(one: ParsedClaim, today: date = TODAY) -> list[Finding]:
    """What the checks say of a claim."""
    return check(one, Context(today=today))


def rules_of(one: ParsedClaim, today: date = TODAY) -> set[str]:
    """The ids of the rules that found something."""
    return {finding.rule for finding in findings(one, today)}
