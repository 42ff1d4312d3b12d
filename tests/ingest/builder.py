"""Small claims for tests: raw tables of one visit, and the envelopes real programs put around them."""

import base64
from copy import deepcopy

from yba.specs.claims import edition
from yba.specs.claims_writer import write_table

SUMMARY = {
    "MA_LK": "25.000001", "STT": "1", "MA_BN": "BN0001", "HO_TEN": "Nguyễn Thị Thử", "SO_CCCD": "011159000001", "NGAY_SINH": "195903120000",
    "GIOI_TINH": "2", "MA_QUOCTICH": "000", "MA_DANTOC": "01", "MA_NGHE_NGHIEP": "00", "DIA_CHI": "Tổ 5, phường Mường Thanh",
    "MATINH_CU_TRU": "11", "MAXA_CU_TRU": "03127", "DIEN_THOAI": "0912345678", "MA_THE_BHYT": "HT2110123456789", "MA_DKBD": "11001",
    "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231", "LY_DO_VV": "Khám tăng huyết áp", "CHAN_DOAN_VAO": "Tăng huyết áp",
    "CHAN_DOAN_RV": "Tăng huyết áp vô căn", "MA_BENH_CHINH": "I10", "MA_DOITUONG_KCB": "1.1", "NGAY_VAO": "202603100800",
    "NGAY_RA": "202603100930", "SO_NGAY_DTRI": "0", "KET_QUA_DTRI": "2", "MA_LOAI_RV": "1", "NGAY_TTOAN": "202603100940",
    "T_THUOC": "90000.00", "T_VTYT": "0", "T_TONGCHI_BV": "128700.00", "T_TONGCHI_BH": "128700.00", "T_BNTT": "0", "T_BNCCT": "6435.00",
    "T_BHTT": "122265.00", "T_NGUONKHAC": "0", "T_BHTT_GDV": "122265.00", "NAM_QT": "2026", "THANG_QT": "3", "MA_LOAI_KCB": "01",
    "MA_KHOA": "K01", "MA_CSKCB": "11001", "CAN_NANG": "54.50", "MA_HSBA": "KB0001", "MA_TTDV": "000123/DB-GPHN", "NHOM_MAU": "O",
}  # fmt: skip
DRUG = {
    "MA_LK": "25.000001", "STT": "1", "MA_THUOC": "40.487", "MA_NHOM": "4", "TEN_THUOC": "Amlodipin 5mg", "DON_VI_TINH": "Viên", "HAM_LUONG": "5mg",
    "DUONG_DUNG": "1.01", "LIEU_DUNG": "1 viên/lần * 1 lần/ngày * 30 ngày [30 viên]", "SO_DANG_KY": "VD-12345-20", "TT_THAU": "123/QĐ-SYT;G1;N4;2026",
    "PHAM_VI": "1", "TYLE_TT_BH": "100", "SO_LUONG": "30.000", "DON_GIA": "3000.000", "THANH_TIEN_BV": "90000.00", "THANH_TIEN_BH": "90000.00",
    "T_NGUONKHAC_NSNN": "0", "T_NGUONKHAC_VTNN": "0", "T_NGUONKHAC_VTTN": "0", "T_NGUONKHAC_CL": "0", "T_NGUONKHAC": "0", "MUC_HUONG": "95",
    "T_BNTT": "0", "T_BNCCT": "4500.00", "T_BHTT": "85500.00", "MA_KHOA": "K01", "MA_BAC_SI": "000456/DB-CCHN", "NGAY_YL": "202603100915",
    "MA_PTTT": "1", "NGUON_CTRA": "1",
}  # fmt: skip
SERVICE = {
    "MA_LK": "25.000001", "STT": "1", "MA_DICH_VU": "02.1896", "MA_NHOM": "13", "TEN_DICH_VU": "Khám Nội", "DON_VI_TINH": "Lần", "PHAM_VI": "1",
    "SO_LUONG": "1.000", "DON_GIA_BV": "38700.000", "DON_GIA_BH": "38700.000", "TYLE_TT_DV": "100", "TYLE_TT_BH": "100", "THANH_TIEN_BV": "38700.00",
    "THANH_TIEN_BH": "38700.00", "MUC_HUONG": "95", "T_NGUONKHAC_NSNN": "0", "T_NGUONKHAC_VTNN": "0", "T_NGUONKHAC_VTTN": "0",
    "T_NGUONKHAC_CL": "0", "T_NGUONKHAC": "0", "T_BNTT": "0", "T_BNCCT": "1935.00", "T_BHTT": "36765.00", "MA_KHOA": "K01",
    "MA_BAC_SI": "000456/DB-CCHN", "MA_BENH": "I10", "NGAY_YL": "202603100805", "MA_PTTT": "1",
}  # fmt: skip
RESULT = {
    "MA_LK": "25.000001", "STT": "1", "MA_DICH_VU": "23.0075.1494", "TEN_CHI_SO": "Glucose", "GIA_TRI": "7.8", "DON_VI_DO": "mmol/L",
    "NGAY_KQ": "202603100850", "MA_BS_DOC_KQ": "000789/DB-CCHN",
}  # fmt: skip


def tables(link="25.000001", **summary):
    """The tables of one visit; keyword arguments change or (None) remove fields of XML1."""
    made = deepcopy({"XML1": [SUMMARY], "XML2": [DRUG], "XML3": [SERVICE], "XML4": [RESULT]})
    made["XML1"][0] |= summary
    made["XML1"][0] = {field: value for field, value in made["XML1"][0].items() if value is not None}
    for rows in made.values():
        for row in rows:
            row["MA_LK"] = link
    return made


def hoso(made, *, decision="3176", nested=False, wrap=0):
    """One HOSO around tables."""
    parts = []
    for name, rows in made.items():
        table = edition(decision).tables[name]
        xml = write_table(table, rows)
        if nested:
            content = xml.split("?>", 1)[1]
        else:
            content = base64.b64encode(xml.encode()).decode()
            content = "\n".join(content[at : at + wrap] for at in range(0, len(content), wrap)) if wrap else content
        parts.append(f"<FILEHOSO><LOAIHOSO>{name}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>")
    return f"<HOSO>{''.join(parts)}</HOSO>"


def envelope(*claims, facility="11001", declared=None):
    """GIAMDINHHS around HOSO texts."""
    count = len(claims) if declared is None else declared
    return (
        f'<?xml version="1.0" encoding="utf-8"?><GIAMDINHHS><THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI><THONGTINHOSO>'
        f"<NGAYLAP>20260310</NGAYLAP><SOLUONGHOSO>{count}</SOLUONGHOSO><DANHSACHHOSO>{''.join(claims)}</DANHSACHHOSO></THONGTINHOSO><CHUKYDONVI/></GIAMDINHHS>"
    ).encode()


def file_of(*made, **options):
    """A file of the claims whose tables are given."""
    return envelope(*(hoso(one, **options) for one in made))
