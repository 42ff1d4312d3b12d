"""One fault per rule: how to bend the valid claim so that the rule, and little else, has something to say."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from tests.ingest.checks.example import BED, DRUG, HEAD, LINK, NOTE, RESULT, SERVICE, claim
from yba.ingest.model import ParsedClaim, Row

OUT: dict[str, Any] = {  # an outpatient examination instead of a stay
    "XML1.MA_LOAI_KCB": "01", "XML1.SO_NGAY_DTRI": "0", "XML1.NGAY_RA": "202606101100", "XML1.NGAY_TTOAN": "202606101100", "-XML5": 1, "-XML7": 1,
    "-XML8": 1, "XML1.NGAY_VAO_NOI_TRU": None,
}  # fmt: skip
BIRTH: Row = {
    "MA_LK": LINK, "HO_TEN_NND": "NGUYỄN THỊ VÍ DỤ", "NGAYSINH_NND": "19900305", "MA_DANTOC_NND": "01", "SO_CCCD_NND": "001190000017",
    "NGAYCAP_CCCD_NND": "20210101", "NOICAP_CCCD_NND": "Cục CSQLHC", "NOI_CU_TRU_NND": "Hà Nội", "MA_QUOCTICH": "000", "MATINH_CU_TRU": "01",
    "MAXA_CU_TRU": "00004", "MA_THE_TAM": "TE1010000000017", "GIOI_TINH_CON": "1", "SO_CON": "1", "LAN_SINH": "1", "SO_CON_SONG": "1",
    "CAN_NANG_CON": "3100", "NGAY_SINH_CON": "202606110200", "NOI_SINH_CON": "Bệnh viện Ví Dụ", "TINH_TRANG_CON": "Khỏe", "SINHCON_PHAUTHUAT": "0",
    "SINHCON_DUOI32TUAN": "0", "NGUOI_DO_DE": "A", "NGUOI_GHI_PHIEU": "B", "NGAY_CT": "20260611", "SO": "1", "QUYEN_SO": "1", "MA_TTDV": "1",
}  # fmt: skip
LEAVE: Row = {
    "MA_LK": LINK, "SO_SERI": "1", "SO_CT": "1", "SO_NGAY": "30", "DON_VI": "A", "CHAN_DOAN_RV": "dưỡng thai", "TU_NGAY": "20260601",
    "DEN_NGAY": "20260630", "MA_TTDV": "1", "TEN_BS": "B", "MA_BS": "1", "NGAY_CT": "20260615",
}  # fmt: skip
SICK: Row = {
    "MA_LK": LINK, "SO_CT": "1", "SO_SERI": "1", "SO_KCB": "1", "DON_VI": "A", "MA_BHXH": "0100000017", "CHAN_DOAN_RV": "Viêm phổi, không đặc hiệu",
    "PP_DIEUTRI": "Kháng sinh", "SO_NGAY_NGHI": "5", "TU_NGAY": "20260610", "DEN_NGAY": "20260614", "MA_TTDV": "1", "MA_BS": "1", "NGAY_CT": "20260615",
    "MAU_SO": "CT07",
}  # fmt: skip
REFERRAL: Row = {
    "MA_LK": LINK, "SO_HOSO": "1", "SO_CHUYENTUYEN": "1", "GIAY_CHUYEN_TUYEN": "1", "MA_CSKCB_DEN": "01002", "HO_TEN": "NGUYỄN THỊ VÍ DỤ",
    "NGAY_SINH": "199003050000", "DAU_HIEU_LS": "A", "QT_BENHLY": "B", "MA_LYDO_CT": "1", "HUONG_DIEU_TRI": "C", "PHUONGTIEN_VC": "xe", "MA_BAC_SI": "1",
    "MA_TTDV": "1",
}  # fmt: skip
SLIP: Row = {
    "MA_LK": LINK, "SO_GIAYHEN_KL": "1", "MA_CSKCB": "01001", "HO_TEN": "NGUYỄN THỊ VÍ DỤ", "NGAY_HEN_KL": "20260715", "MA_BAC_SI": "1", "MA_TTDV": "1",
    "NGAY_CT": "20260615",
}  # fmt: skip
HIV: Row = {
    "MA_LK": LINK, "NOI_LAY_MAU_XN": "01001", "NOI_XN_KD": "01001", "NOI_BDDT_ARV": "01001", "MA_LYDO_DTRI": "1", "LOAI_DTRI_LAO": "0", "SANG_LOC_LAO": "1",
    "KQ_DTRI_LAO": "1", "MA_LOAI_BN": "1", "GIAI_DOAN_LAM_SANG": "1", "NHOM_DOI_TUONG": "1", "MA_TINH_TRANG_DK": "2", "MA_XU_TRI": "1",
    "NGAY_BAT_DAU_XU_TRI": "20260601", "NGAY_KET_THUC_XU_TRI": "20260630", "MA_PHAC_DO_DIEU_TRI": "A", "SO_NGAY_CAP_THUOC_ARV": "30",
    "NGAY_CHUYEN_PHAC_DO": "20260601", "LY_DO_CHUYEN_PHAC_DO": "1",
}  # fmt: skip
TB: Row = {
    "MA_LK": LINK, "MA_BN": "BN0000017", "PHANLOAI_LAO_VITRI": "1", "PHANLOAI_LAO_TS": "1", "PHANLOAI_LAO_HIV": "1", "PHANLOAI_LAO_VK": "1",
    "PHANLOAI_LAO_KT": "1", "LOAI_DTRI_LAO": "2", "NGAYBD_DTRI_LAO": "20260601", "PHACDO_DTRI_LAO": "1", "KET_QUA_DTRI_LAO": "1", "BDDT_ARV": "20260601",
    "NGAY_BAT_DAU_DT_CTX": "20260601",
}  # fmt: skip
CHECK_IN: Row = {
    "MA_LK": LINK, "STT": "1", "MA_BN": "BN0000017", "HO_TEN": "NGUYỄN THỊ VÍ DỤ", "NGAY_SINH": "199003050000", "GIOI_TINH": "2",
    "MA_DOITUONG_KCB": "1.1", "NGAY_VAO": "202606100800", "MA_LOAI_KCB": "01", "MA_CSKCB": "01001", "MA_DICH_VU": "23.0075.1494",
    "TEN_DICH_VU": "Khám", "NGAY_YL": "202606100805",
}  # fmt: skip
OPERATION: Row = {
    **SERVICE, "MA_NHOM": "8", "MA_DICH_VU": "10.0001.0001", "PP_VO_CAM": "1", "STT": "90", "T_BNCCT": "4300", "NGAY_YL": "202606110700",
    "NGAY_TH_YL": "202606110800", "NGAY_KQ": "202606110900",
}  # fmt: skip
SUPPLY: Row = {**SERVICE, "MA_DICH_VU": "", "TEN_DICH_VU": "", "MA_VAT_TU": "N01.01.010", "TEN_VAT_TU": "Bông", "MA_NHOM": "10", "STT": "91"}
OLD: dict[str, Any] = {
    "decision": "4210", "tables": {
        "XML1": [{
            "MA_LK": LINK, "STT": "1", "MA_BN": "BN17", "HO_TEN": "NGUYỄN THỊ VÍ DỤ", "NGAY_SINH": "19900305", "GIOI_TINH": "2", "DIA_CHI": "Hà Nội",
            "MA_THE": "GD4010100000017", "MA_DKBD": "01001", "GT_THE_TU": "20230101", "GT_THE_DEN": "20231231", "TEN_BENH": "Viêm họng",
            "MA_BENH": "J02", "MA_LYDO_VVIEN": "1", "NGAY_VAO": "202306100800", "NGAY_RA": "202306101000", "SO_NGAY_DTRI": "1", "KET_QUA_DTRI": "2",
            "TINH_TRANG_RV": "1", "NGAY_TTOAN": "202306101000", "T_THUOC": "5000", "T_VTYT": "0", "T_TONGCHI": "5000", "T_BNTT": "0", "T_BNCCT": "1000",
            "T_BHTT": "4000", "T_NGUONKHAC": "0", "T_NGOAIDS": "0", "NAM_QT": "2023", "THANG_QT": "6", "MA_LOAI_KCB": "1", "MA_KHOA": "K01",
            "MA_CSKCB": "01001",
        }],
        "XML2": [{
            "MA_LK": LINK, "STT": "1", "MA_THUOC": "40.155", "MA_NHOM": "4", "TEN_THUOC": "A", "DON_VI_TINH": "Viên", "PHAM_VI": "1", "TYLE_TT": "100",
            "SO_LUONG": "5", "DON_GIA": "1000", "THANH_TIEN": "5000", "MUC_HUONG": "80", "T_NGUONKHAC": "0", "T_BNTT": "0", "T_BHTT": "4000",
            "T_BNCCT": "1000", "T_NGOAIDS": "0", "MA_KHOA": "K01", "MA_BAC_SI": "1", "MA_BENH": "J02", "NGAY_YL": "202306100900", "MA_PTTT": "1",
            "DUONG_DUNG": "1.01",
        }],
    },
}  # fmt: skip

BENDS: dict[str, dict[str, Any]] = {
    "VR001": {"XML2.MA_LK": None},
    "VR002": {"XML2.MA_LK": "another"},
    "VR003": {"XML2[1].STT": "1"},
    "VR007": {"-XML1": 1},
    "VR008": {"XML1.MA_BN": "9" * 101},
    "VR009": {"XML2.SO_LUONG": "mười"},
    "VR010": {"XML1.HO_TEN": None},
    "VR011": {"XML1.GIOI_TINH": "4"},
    "VR012": {"XML1.NGAY_SINH": "203001010000"},
    "VR013": {"XML1.NGAY_SINH": "202606010000"},
    "VR014": {"XML1.SO_CCCD": "12-34"},
    "VR015": {"XML1.SO_CCCD": None},
    "VR016": {"XML1.MA_QUOCTICH": "ZZZ"},
    "VR017": {"XML1.MA_DANTOC": "98"},
    "VR018": {"XML1.MA_NGHE_NGHIEP": "Z9"},
    "VR019": {"XML1.MATINH_CU_TRU": "97"},
    "VR020": {"XML1.MAXA_CU_TRU": "99999"},
    "VR022": {"XML1.CAN_NANG": "520"},
    "VR023": {"XML1.CAN_NANG_CON": "3000;x"},
    "VR024": {"XML1.MA_CSKCB": "01002"},
    "VR025": {"XML1.MA_THE_BHYT": "GD9010100000017"},
    "VR026": {"XML1.MA_DKBD": "01001;01002"},
    "VR027": {"XML1.GT_THE_DEN": None},
    "VR028": {"XML1.GT_THE_TU": "20270101"},
    "VR029": {"XML1.GT_THE_TU": "20270101"},
    "VR030": {"XML1.GT_THE_DEN": "20260612"},
    "VR033": {"XML1.MA_THE_BHYT": "ZZ4010100000017"},
    "VR034": {"XML1.MA_DOITUONG_KCB": "9"},
    "VR035": {"XML1.MA_DOITUONG_KCB": "5"},
    "VR036": {"XML1.MA_DOITUONG_KCB": "1.14"},
    "VR037": {**OUT, "XML1.MA_DOITUONG_KCB": "1.15"},
    "VR038": {"XML1.MA_DOITUONG_KCB": "1.3"},
    "VR039": {"XML1.MA_DOITUONG_KCB": "1.7"},
    "VR040": {"XML1.MA_DOITUONG_KCB": "3.1"},
    "VR041": {"XML1.MA_DKBD": "01002"},
    "VR042": {"XML1.MA_NOI_DI": "01002"},
    "VR043": {"XML1.MA_NOI_DEN": "01001"},
    "VR044": {"XML1.MA_LOAI_RV": "2"},
    "VR045": {"XML1.MA_KHUVUC": "K9"},
    "VR046": {"XML1.NGAY_TTOAN": "20260615"},
    "VR047": {"XML1.NGAY_RA": "202606090800"},
    "VR048": {"XML1.NGAY_RA": "202612010800"},
    "VR049": {"XML1.NGAY_VAO_NOI_TRU": "202606090800"},
    "VR050": {"XML1.NGAY_TTOAN": "202606140800"},
    "VR051": {**OUT, "XML1.SO_NGAY_DTRI": "1"},
    "VR052": {"XML1.SO_NGAY_DTRI": "5"},
    "VR053": {"XML1.MA_LOAI_KCB": "05", "XML1.SO_NGAY_DTRI": "6"},
    "VR054": {**OUT, "XML1.NGAY_RA": "202606151000"},
    "VR055": {**OUT, "XML1.NGAY_RA": "202606100803"},
    "VR056": {"XML1.NGAY_RA": "202606101200"},
    "VR057": {"XML1.SO_NGAY_DTRI": "0"},
    "VR058": {"XML1.KET_QUA_DTRI": "9"},
    "VR059": {"XML1.MA_LOAI_RV": "7"},
    "VR060": {"XML1.MA_LOAI_KCB": "11"},
    "VR061": {"XML1.LY_DO_VV": None},
    "VR062": {"XML1.LY_DO_VNT": None},
    "VR064": {"XML1.PP_DIEU_TRI": None},
    "VR065": {"XML1.MA_HSBA": None},
    "VR066": {"decision": "4750", "XML1.MA_TTDV": "A17"},
    "VR067": {"XML1.THANG_QT": "5"},
    "VR068": {"XML1.MA_KHOA": "KHOA"},
    "VR069": {"XML1.MA_BENH_CHINH": "J18.9;I10"},
    "VR070": {"XML1.MA_BENH_KT": "Q99.99"},
    "VR071": {"XML1.MA_BENH_CHINH": "B95.0"},
    "VR072": {"XML1.MA_BENH_KT": "U62.392"},
    "VR073": {"XML1.MA_BENH_KT": ";".join(["I10"] * 13)},
    "VR074": {"XML1.MA_BENH_YHCT": ";".join(["U62.392"] * 14)},
    "VR075": {"XML1.MA_BENH_CHINH": "N40"},
    "VR076": {"XML1.MA_BENH_CHINH": "P07.0"},
    "VR077": {"XML1.MA_BENH_CHINH": "O80.9", "XML1.NGAY_SINH": "195003050000"},
    "VR078": {"XML1.MA_BENH_CHINH": "Z00.0"},
    "VR079": {"XML1.MA_BENH_CHINH": "U07.1", "XML1.MA_BENH_KT": None},
    "VR081": {"XML1.T_THUOC": "31002"},
    "VR082": {"XML1.T_VTYT": "500"},
    "VR083": {"XML1.T_TONGCHI_BV": "1"},
    "VR084": {"XML1.T_TONGCHI_BH": "1"},
    "VR085": {"XML1.T_BNTT": "500"},
    "VR086": {"XML1.T_BNCCT": "1"},
    "VR087": {"XML1.T_BHTT": "1"},
    "VR088": {"XML1.T_BHTT": "1"},
    "VR089": {"XML1.T_NGUONKHAC": "700"},
    "VR090": {"XML1.T_BHTT_GDV": "1"},
    "VR091": {"XML1.T_BNTT": "-500"},
    "VR092": {"old": 1, "XML1.T_TONGCHI": "6000"},
    "VR093": {"XML2.THANH_TIEN_BV": "15500.02"},
    "VR094": {"XML2.THANH_TIEN_BH": "15500.02"},
    "VR095": {"XML2.T_BHTT": "12399"},
    "VR096": {"XML2.T_NGUONKHAC": "100"},
    "VR097": {"XML2.MUC_HUONG": "101"},
    "VR098": {"XML2.PHAM_VI": "2"},
    "VR099": {"XML2.PHAM_VI": "3"},
    "VR100": {"XML2.NGUON_CTRA": "5"},
    "VR101": {"XML2.VET_THUONG_TP": "2"},
    "VR104": {"XML2.TEN_THUOC": "Amoxicilin "},
    "VR105": {"XML2.TT_THAU": "17/2025"},
    "VR106": {"XML2.LIEU_DUNG": "ngày 2 viên"},
    "VR107": {"XML2.NGAY_YL": "202606090900"},
    "VR108": {"XML2.NGAY_TH_YL": "202606100900"},
    "VR109": {"XML2.LIEU_DUNG": "1 viên/lần * 1 lần/ngày * 40 ngày"},
    "VR110": {"XML2.MA_BAC_SI": None},
    "VR111": {"XML2.MA_CSKCB_THUOC": "X.01001"},
    "VR112": {"XML2.NGAY_YL": "202512310900"},
    "VR113": {"XML3.MA_DICH_VU": "18.0150.0041"},
    "VR114": {"XML2.DUONG_DUNG": "9.99"},
    "VR115": {"XML3.MA_DICH_VU": None},
    "VR116": {"XML3.THANH_TIEN_BV": "21600"},
    "VR117": {"XML3.THANH_TIEN_BH": "21600"},
    "VR118": {"XML3.T_TRANTT": "1000"},
    "VR119": {"XML3.MA_NHOM": "5"},
    "VR120": {"XML3.NGUOI_THUC_HIEN": None},
    "VR121": {"+XML3": OPERATION, "XML3[-1].NGAY_KQ": None},
    "VR122": {"XML3.NGAY_TH_YL": "202606100900"},
    "VR123": {"XML3.NGAY_KQ": "202606100930"},
    "VR124": {"XML3.NGAY_KQ": "202606100941"},
    "VR125": {"XML3.NGAY_KQ": "202606181000"},
    "VR126": {"+XML3": OPERATION, "XML3[-1].PP_VO_CAM": None},
    "VR127": {"+XML3": {**SERVICE, "MA_NHOM": "12", "STT": "92"}},
    "VR128": {"+XML3": SUPPLY},
    "VR129": {"XML3[-1].MA_GIUONG": "X01"},
    "VR130": {"XML3[-1].SO_LUONG": "9"},
    "VR131": {**OUT},
    "VR132": {"+XML3": {**BED, "STT": "93"}},
    "VR133": {"XML3.MA_MAY": None},
    "VR134": {"XML3.GOI_VTYT": "A1"},
    "VR135": {"XML3[-1].TYLE_TT_DV": "60"},
    "VR136": {"XML3.MA_DICH_VU": "23.0075.1494_TB"},
    "VR137": {"XML3.MA_BENH": "Q99.99"},
    "VR138": {"XML3.MA_VAT_TU": "N01.01\t", "XML3.TEN_VAT_TU": "Bông"},
    "VR139": {"XML3.NGUOI_THUC_HIEN": "000123/HNO-GPHN"},
    "VR140": {**OUT},
    "VR141": {"XML3.MA_DICH_VU": "03.0011.0196"},
    "VR143": {"+XML3": OPERATION, "++XML3": {**OPERATION, "STT": "94", "NGAY_TH_YL": "202606111000"}},
    "VR144": {"+XML3": OPERATION, "++XML3": {**OPERATION, "STT": "94", "TYLE_TT_DV": "50"}},
    "VR145": {"XML4.MA_DICH_VU": "99.0001.0001"},
    "VR146": {"XML4.NGAY_KQ": "202606101050"},
    "VR147": {"XML4.NGAY_KQ": "202606090800"},
    "VR148": {"XML3.MA_NHOM": "2"},
    "VR149": {"XML4.TEN_CHI_SO": None},
    "VR150": {"XML5.DIEN_BIEN_LS": None},
    "VR151": {"XML5.THOI_DIEM_DBLS": "202606090800"},
    "VR152": {"-XML5": 1},
    "VR153": {"-XML7": 1},
    "VR154": {"-XML8": 1},
    "VR155": {"XML1.MA_LOAI_RV": "2", "XML1.MA_NOI_DEN": "01002"},
    "VR156": {"XML1.NGAY_TAI_KHAM": "20260701"},
    "VR157": {"+XML13": REFERRAL, "XML13.HO_TEN": "TRẦN VĂN KHÁC"},
    "VR158": {"XML7.MA_YTE": "BN0000018"},
    "VR159": {"XML7.MA_DINH_CHI_THAI": "1"},
    "VR160": {"XML7.SO_NGAY_NGHI": "9", "XML7.NGOAITRU_TUNGAY": "20260616", "XML7.NGOAITRU_DENNGAY": "20260618"},
    "VR161": {"XML8.NGAY_RA": "202606161000"},
    "VR162": {"+XML9": BIRTH, "XML9.SO_CON": "0"},
    "VR163": {"+XML9": BIRTH, "XML9.NGAYCAP_CCCD_NND": "20300101"},
    "VR164": {"+XML9": BIRTH, "XML9.MA_THE_TAM": "GD1"},
    "VR165": {"+XML11": SICK, "XML11.MA_BHXH": "0000000000"},
    "VR166": {"+XML10": LEAVE, "XML10.SO_NGAY": "12"},
    "VR167": {"+XML11": SICK, "XML11.SO_NGAY_NGHI": "31"},
    "VR168": {"+XML11": SICK, "XML11.MAU_SO": "C65"},
    "VR169": {"+XML11": SICK, "XML11.PP_DIEUTRI": "Phẫu thuật"},
    "VR170": {"+XML13": REFERRAL, "XML13.SO_HOSO": None},
    "VR171": {"+XML13": REFERRAL, "XML13.MA_CSKCB_DEN": None},
    "VR172": {"+XML14": SLIP, "XML14.NGAY_HEN_KL": "20260614"},
    "VR173": {"+XML6": HIV, "XML6.SO_NGAY_CAP_THUOC_ARV": "90"},
    "VR174": {"+XML15": TB, "XML15.KET_QUA_DTRI_LAO": "9"},
    "VR175": {"only": {"XML0": [CHECK_IN]}, "XML0.TEN_DICH_VU": None},
    "VR181": {**OUT, "XML3.NGAY_YL": "202606102200"},
    "YB001": {"XML2.LA": "1"},
    "YB002": {"XML1.DIA_CHI": None},
    "YB003": {"XML2.NGAY_YL": "202602300000"},
    "YB004": {"XML3.TAI_SU_DUNG": "7"},
    "YB005": {"+XML1": {**HEAD, "HO_TEN": "TRẦN VĂN KHÁC", "NGAY_SINH": "195001010000", "MA_BN": "BN99"}},
    "YB006": {"old": 1, "XML1.NGAY_RA": "202508101000"},
    "YB007": {
        "today": "2026-09-01", "XML1.MA_LOAI_KCB": "05", "XML1.NGAY_VAO": "202608100800", "XML1.NGAY_RA": "202608101000",
        "XML1.NGAY_VAO_NOI_TRU": None,
    },
    "YB008": {"+XML99": {"MA_LK": LINK}},
    "YB009": {"+XML8": {"MA_LK": LINK}},
}  # fmt: skip


def bent(bend: dict[str, Any]) -> ParsedClaim:
    """The valid claim with these changes: "XML2[1].FIELD": value or None, "+XML3": one more row, "-XML5": no such table."""
    one = claim(decision=bend.get("decision", "3176"))
    if "old" in bend:
        one = ParsedClaim(OLD["decision"], "01001", LINK, deepcopy(OLD["tables"]), one.envelope)
    if "only" in bend:
        one.tables = deepcopy(bend["only"])
    for where, value in bend.items():
        if where.startswith("+"):
            row = {field: text for field, text in value.items() if text != ""}
            one.tables.setdefault(where.lstrip("+"), []).append(row)
        elif where.startswith("-"):
            del one.tables[where[1:]]
    for where, value in bend.items():
        if "." in where:
            place, _, field = where.partition(".")
            table, _, index = place.partition("[")
            row = one.tables[table][int(index.rstrip("]") or "0") if index else 0]
            if value is None:
                row.pop(field, None)
            else:
                row[field] = value
    return one


__all__ = ["BENDS", "DRUG", "NOTE", "RESULT", "bent"]
