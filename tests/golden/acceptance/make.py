"""Write the acceptance files: claims made by hand from the decisions and from shapes seen in public programs, apart from `yba.synth`.

Run `python tests/golden/acceptance/make.py` to write them anew; the people in them do not exist. `clean/` is legal to the letter and must draw
no finding, `odd/` is readable and must be accepted, `bad/` cannot be read or attributed. `expected.json` says what must become of each file.
"""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
ROOTS = {
    "XML2": ("CHITIEU_CHITIET_THUOC", "DSACH_CHI_TIET_THUOC", "CHI_TIET_THUOC"),
    "XML3": ("CHITIEU_CHITIET_DVKT_VTYT", "DSACH_CHI_TIET_DVKT", "CHI_TIET_DVKT"),
    "XML4": ("CHITIEU_CHITIET_DICHVUCANLAMSANG", "DSACH_CHI_TIET_CLS", "CHI_TIET_CLS"),
    "XML5": ("CHITIEU_CHITIET_DIENBIENLAMSANG", "DSACH_CHI_TIET_DIEN_BIEN_BENH", "CHI_TIET_DIEN_BIEN_BENH"),
    "XML7": ("CHI_TIEU_DU_LIEU_GIAY_RA_VIEN",),
    "XML8": ("CHI_TIEU_DU_LIEU_TOM_TAT_HO_SO_BENH_AN",),
    "XML9": ("CHI_TIEU_DU_LIEU_GIAY_CHUNG_SINH", "DSACH_GIAYCHUNGSINH", "DU_LIEU_GIAY_CHUNG_SINH"),
    "XML13": ("CHI_TIEU_GIAYCHUYENTUYEN",),
    "XML14": ("CHI_TIEU_GIAYHEN_KHAMLAI",),
}
Row = dict[str, Any]
Claim = dict[str, list[Row]]


def text_of(value: Any) -> str:
    """Raw text; escaped unless it is already CDATA."""
    text = str(value)
    return text if text.startswith("<![CDATA[") else text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def record(name: str, row: Row) -> str:
    """One record element."""
    return f"<{name}>" + "".join(f"<{k}>{text_of(v)}</{k}>" if v != "" else f"<{k}/>" for k, v in row.items()) + f"</{name}>"


def table(name: str, rows: list[Row], *, old: bool = False) -> str:
    """One table document without declaration."""
    if name == "XML1":
        return "".join(record("TONG_HOP", row) for row in rows)
    names = ROOTS[name]
    if len(names) == 1:
        return record(names[0], rows[0])
    wrap, lst, rec = names
    inner = f"<{lst}>" + "".join(record(rec, row) for row in rows) + f"</{lst}>"
    return inner if old else f"<{wrap}>{inner}</{wrap}>"


def coded(xml: str, declaration: str = DECLARATION, encoding: str = "utf-8") -> str:
    """base64 of a table document."""
    return b64encode((declaration + xml).encode(encoding)).decode()


def part(kind: str, content: str) -> str:
    """One FILEHOSO."""
    return f"<FILEHOSO><LOAIHOSO>{kind}</LOAIHOSO><NOIDUNGFILE>{content}</NOIDUNGFILE></FILEHOSO>"


def hoso(claim: Claim, *, old: bool = False, nested: bool = False) -> str:
    """One HOSO, tables in base64 or nested."""
    parts = []
    for name, rows in claim.items():
        documents = [[row] for row in rows] if len(ROOTS.get(name, ())) == 1 else [rows]
        parts += [part(name, xml if nested else coded(xml)) for xml in (table(name, one, old=old) for one in documents)]
    return f"<HOSO>{''.join(parts)}</HOSO>"


def envelope(hosos: str, count: Any = 1, facility: str = "46001", created: str = "20260910", head: str = DECLARATION + "\n") -> str:
    """GIAMDINHHS as the letters show it."""
    return (
        f'{head}<GIAMDINHHS xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">\n'
        f"<THONGTINDONVI><MACSKCB>{facility}</MACSKCB></THONGTINDONVI>\n<THONGTINHOSO><NGAYLAP>{created}</NGAYLAP><SOLUONGHOSO>{count}</SOLUONGHOSO>"
        f"<DANHSACHHOSO>{hosos}</DANHSACHHOSO></THONGTINHOSO>\n<CHUKYDONVI/>\n</GIAMDINHHS>\n"
    )


PERSON: Row = {
    "MA_BN": "BN0001", "HO_TEN": "LÊ THỊ MƠ ƯỚC", "SO_CCCD": "046168003322", "NGAY_SINH": "196804120000", "GIOI_TINH": "2", "NHOM_MAU": "",
    "MA_QUOCTICH": "000", "MA_DANTOC": "01", "MA_NGHE_NGHIEP": "61", "DIA_CHI": "12 kiệt 5 Đặng Thái Thân, Phú Xuân, TP. Huế",
    "MATINH_CU_TRU": "46", "MAHUYEN_CU_TRU": "", "MAXA_CU_TRU": "19753", "DIEN_THOAI": "0905000111", "MA_THE_BHYT": "GD4464612345678",
    "MA_DKBD": "46001", "GT_THE_TU": "20260101", "GT_THE_DEN": "20261231",
}  # fmt: skip
ZERO = {"T_NGUONKHAC_NSNN": "0", "T_NGUONKHAC_VTNN": "0", "T_NGUONKHAC_VTTN": "0", "T_NGUONKHAC_CL": "0", "T_NGUONKHAC": "0"}
LINES = ("T_THUOC", "T_VTYT", "T_TONGCHI_BV", "T_TONGCHI_BH", "T_BNTT", "T_BNCCT", "T_BHTT", "T_NGUONKHAC", "T_BHTT_GDV")


def number(value: float) -> str:
    """At most two decimals, none when whole."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def drug(  # noqa: PLR0917  a row of a form
    stt: int, code: str, name: str, strength: str, route: str, amount: float, price: float, dose: str, when: str, who: str, share: int = 80, **more: Any
) -> Row:  # fmt: skip
    """One line of XML2 under 130 and later, in the official order."""
    total = amount * price
    return {
        "MA_LK": "", "STT": stt, "MA_THUOC": code, "MA_PP_CHEBIEN": "", "MA_CSKCB_THUOC": "", "MA_NHOM": "4", "TEN_THUOC": name, "DON_VI_TINH": "Viên",
        "HAM_LUONG": strength, "DUONG_DUNG": route, "DANG_BAO_CHE": "Viên nén", "LIEU_DUNG": dose, "CACH_DUNG": "Uống sau ăn", "SO_DANG_KY": "VD-10584-10",
        "TT_THAU": "123/QĐ-SYT;G1;N4;2025", "PHAM_VI": "1", "TYLE_TT_BH": "100", "SO_LUONG": number(amount), "DON_GIA": number(price),
        "THANH_TIEN_BV": number(total), "THANH_TIEN_BH": number(total), **ZERO, "MUC_HUONG": share, "T_BNTT": "0",
        "T_BNCCT": number(total * (100 - share) / 100), "T_BHTT": number(total * share / 100), "MA_KHOA": "K01", "MA_BAC_SI": who, "MA_DICH_VU": "",
        "NGAY_YL": when, "NGAY_TH_YL": "", "MA_PTTT": "1", "NGUON_CTRA": "1", "VET_THUONG_TP": "", "DU_PHONG": "", **more,
    }  # fmt: skip


def service(stt: int, code: str, name: str, group: str, price: float, when: str, who: str, share: int = 80, amount: float = 1, **more: Any) -> Row:
    """One line of XML3 under 130 and later, in the official order."""
    total = amount * price
    performed = group in ("1", "2", "3", "8", "18")
    return {
        "MA_LK": "", "STT": stt, "MA_DICH_VU": code, "MA_PTTT_QT": "", "MA_VAT_TU": "", "MA_NHOM": group, "GOI_VTYT": "", "TEN_VAT_TU": "", "TEN_DICH_VU": name,
        "MA_XANG_DAU": "", "DON_VI_TINH": "Ngày" if group == "15" else "Lần", "PHAM_VI": "1", "SO_LUONG": number(amount), "DON_GIA_BV": number(price),
        "DON_GIA_BH": number(price), "TT_THAU": "", "TYLE_TT_DV": "100", "TYLE_TT_BH": "100", "THANH_TIEN_BV": number(total), "THANH_TIEN_BH": number(total),
        "T_TRANTT": "", "MUC_HUONG": share, **ZERO, "T_BNTT": "0", "T_BNCCT": number(total * (100 - share) / 100), "T_BHTT": number(total * share / 100),
        "MA_KHOA": "K01", "MA_GIUONG": "", "MA_BAC_SI": who, "NGUOI_THUC_HIEN": "009876/TTH-CCHN" if performed else "", "MA_BENH": "", "MA_BENH_YHCT": "",
        "NGAY_YL": when, "NGAY_TH_YL": when[:10] + "40" if performed else "", "NGAY_KQ": when[:10] + "50" if performed else "", "MA_PTTT": "1",
        "VET_THUONG_TP": "", "PP_VO_CAM": "", "VI_TRI_TH_DVKT": "", "MA_MAY": "HH.1.Z123" if group == "1" else "XQ.1.Z5" if group == "2" else "",
        "MA_HIEU_SP": "", "TAI_SU_DUNG": "", "DU_PHONG": "", **more,
    }  # fmt: skip


def result(stt: int, code: str, name: str, value: str, unit: str, when: str, **more: Any) -> Row:
    """One line of XML4."""
    return {
        "MA_LK": "", "STT": stt, "MA_DICH_VU": code, "MA_CHI_SO": "", "TEN_CHI_SO": name, "GIA_TRI": value, "DON_VI_DO": unit, "MO_TA": "", "KET_LUAN": "",
        "NGAY_KQ": when, "MA_BS_DOC_KQ": "009876/TTH-CCHN", "DU_PHONG": "", **more,
    }  # fmt: skip


def summary(link: str, person: Row, arrived: str, left: str, visit: str, icd: str, diagnosis: str, facility: str = "46001", **more: Any) -> Row:
    """XML1 under 4750/3176/1931; amounts are filled in by `finish`."""
    day = left[:8]
    return {
        "MA_LK": link, "STT": "1", **person, "NGAY_MIEN_CCT": "", "LY_DO_VV": "Khám theo hẹn", "LY_DO_VNT": "", "MA_LY_DO_VNT": "", "CHAN_DOAN_VAO": diagnosis,
        "CHAN_DOAN_RV": diagnosis, "MA_BENH_CHINH": icd, "MA_BENH_KT": "", "MA_BENH_YHCT": "", "MA_PTTT_QT": "", "MA_DOITUONG_KCB": "1.1", "MA_NOI_DI": "",
        "MA_NOI_DEN": "", "MA_TAI_NAN": "", "NGAY_VAO": arrived, "NGAY_VAO_NOI_TRU": "", "NGAY_RA": left, "GIAY_CHUYEN_TUYEN": "", "SO_NGAY_DTRI": "0",
        "PP_DIEU_TRI": "Nội khoa", "KET_QUA_DTRI": "2", "MA_LOAI_RV": "1", "GHI_CHU": "", "NGAY_TTOAN": left, **dict.fromkeys(LINES, "0"),
        "NAM_QT": day[:4], "THANG_QT": str(int(day[4:6])), "MA_LOAI_KCB": visit, "MA_KHOA": "K01", "MA_CSKCB": facility, "MA_KHUVUC": "", "CAN_NANG": "52.5",
        "CAN_NANG_CON": "", "NAM_NAM_LIEN_TUC": "20200101", "NGAY_TAI_KHAM": "", "MA_HSBA": "HS" + link, "MA_TTDV": "000456/TTH-GPHN", "DU_PHONG": "", **more,
    }  # fmt: skip


def finish(claim: Claim) -> Claim:
    """Give every row its link and XML1 its sums."""
    head = claim["XML1"][0]
    for rows in claim.values():
        for row in rows:
            row["MA_LK"] = head["MA_LK"]
    lines = [*claim.get("XML2", []), *claim.get("XML3", [])]

    def total(field: str, rows: list[Row]) -> str:
        return number(sum(float(row[field]) for row in rows))

    head["T_THUOC"] = total("THANH_TIEN_BV", claim.get("XML2", []))
    head["T_VTYT"] = total("THANH_TIEN_BV", [row for row in claim.get("XML3", []) if row["MA_NHOM"] in ("10", "11")])
    for field, of in (("T_TONGCHI_BV", "THANH_TIEN_BV"), ("T_TONGCHI_BH", "THANH_TIEN_BH")):
        head[field] = total(of, lines)
    for field in ("T_BNTT", "T_BNCCT", "T_BHTT", "T_NGUONKHAC"):
        head[field] = total(field, lines)
    head["T_BHTT_GDV"] = head["T_BHTT"]
    return claim


WHO = "001234/TTH-CCHN"


def outpatient(link: str, person: Row = PERSON, **more: Any) -> Claim:
    """A diabetic woman's monthly visit in September 2026."""
    at = "20260910"
    return finish(
        {
            "XML1": [summary(link, person, at + "0715", at + "1030", "01", "E11.9", "Đái tháo đường típ 2; Tăng huyết áp", MA_BENH_KT="I10", **more)],
            "XML2": [
                drug(1, "40.805", "Metformin Stada 500mg", "500mg", "1.01", 60, 520, "1 viên/lần * 2 lần/ngày * 30 ngày [60 viên]", at + "1000", WHO),
                drug(2, "40.491", "Amlodipin 5mg", "5mg", "1.01", 30, 310.5, "1 viên/lần * 1 lần/ngày * 30 ngày [30 viên]", at + "1000", WHO),
            ],
            "XML3": [
                service(1, "02.1897", "Khám Nội", "13", 39800, at + "0720", WHO),
                service(2, "23.0075.1494", "Định lượng Glucose [Máu]", "1", 22400, at + "0730", WHO),
            ],
            "XML4": [result(1, "23.0075.1494", "Glucose", "8.4", "mmol/L", at + "0750")],
        }
    )  # fmt: skip


CHILD: Row = {
    **PERSON, "MA_BN": "BN0002", "HO_TEN": "TRẦN GIA BẢO AN", "SO_CCCD": "046223001234", "NGAY_SINH": "202303150720", "GIOI_TINH": "1",
    "MA_NGHE_NGHIEP": "00", "MA_THE_BHYT": "TE1464623456789", "DIEN_THOAI": "0905000222",
}  # fmt: skip


def inpatient(link: str) -> Claim:
    """A three-year-old with pneumonia, four days, with discharge paper, summary and follow-up slip."""
    came, left = "202609011400", "202609041000"
    papers = {"MA_LK": "", "NGAY_VAO": came, "NGAY_RA": left}
    bed = service(
        2, "K18.1917", "Giường Nội khoa loại 2 Hạng II - Khoa Nhi", "15", 187100, "202609011430", WHO, 100, 3,
        MA_GIUONG="H012", MA_KHOA="K18", NGAY_KQ="202609041000",
    )  # fmt: skip
    return finish(
        {
            "XML1": [
                summary(
                    link, CHILD, came, left, "03", "J18.9", "Viêm phổi", LY_DO_VV="Sốt, ho", LY_DO_VNT="Viêm phổi cần kháng sinh tiêm",
                    NGAY_VAO_NOI_TRU="202609011430", SO_NGAY_DTRI="4", MA_KHOA="K18", CAN_NANG="14.2", NGAY_TAI_KHAM="20260911", NAM_NAM_LIEN_TUC="",
                )
            ],
            "XML2": [
                drug(1, "40.173", "Ceftriaxon 1g", "1g", "2.10", 4, 6800, "0,5 lọ/lần * 2 lần/ngày * 4 ngày [4 lọ]", "202609011500", WHO, 100,
                     DON_VI_TINH="Lọ", DANG_BAO_CHE="Bột pha tiêm", CACH_DUNG="Tiêm tĩnh mạch chậm", MA_KHOA="K18", NGAY_TH_YL="202609011530"),
                drug(2, "40.48", "Acepron 250", "250mg", "1.01", 6, 700.5, "1 gói/lần khi sốt > 38,5 độ [6 gói]", "202609011500", WHO, 100,
                     DON_VI_TINH="Gói", DANG_BAO_CHE="Bột uống", MA_KHOA="K18", NGAY_TH_YL="202609011530"),
            ],
            "XML3": [
                service(1, "03.1897", "Khám Nhi", "13", 39800, "202609011405", WHO, 100, MA_KHOA="K18"),
                bed,
                service(3, "22.0121.1369", "Tổng phân tích tế bào máu ngoại vi (bằng máy đếm laser)", "1", 47500, "202609011430", WHO, 100, MA_KHOA="K18",
                        NGAY_TH_YL="202609011440", NGAY_KQ="202609011530"),
                service(4, "18.0119.0028", "Chụp Xquang ngực thẳng", "2", 73300, "202609011431", WHO, 100, MA_KHOA="K18", NGAY_TH_YL="202609011500",
                        NGAY_KQ="202609011545"),
            ],
            "XML4": [
                result(1, "22.0121.1369", "WBC", "15.7", "10^9/L", "202609011530"),
                result(2, "22.0121.1369", "HGB", "118", "g/L", "202609011530"),
                result(3, "18.0119.0028", "Chụp Xquang ngực thẳng", "", "", "202609011545", MO_TA="Mờ không đều đáy phổi phải", KET_LUAN="Viêm phổi thùy dưới phải"),
            ],
            "XML5": [
                {"MA_LK": "", "STT": i, "DIEN_BIEN_LS": words, "GIAI_DOAN_BENH": "", "HOI_CHAN": "", "PHAU_THUAT": "", "THOI_DIEM_DBLS": at,
                 "NGUOI_THUC_HIEN": WHO, "DU_PHONG": ""}
                for i, (at, words) in enumerate((("202609011500", "Sốt 39,2 độ C, ho, ran ẩm đáy phổi phải"), ("202609040800", "Hết sốt, phổi thông khí tốt")), 1)
            ],
            "XML7": [
                {**papers, "SO_LUU_TRU": "26/01234", "MA_YTE": "BN0002", "MA_KHOA_RV": "K18", "MA_DINH_CHI_THAI": "0", "NGUYENNHAN_DINHCHI": "",
                 "THOIGIAN_DINHCHI": "", "TUOI_THAI": "", "CHAN_DOAN_RV": "Viêm phổi", "PP_DIEUTRI": "Kháng sinh tiêm", "GHI_CHU": "Tái khám sau 7 ngày",
                 "MA_TTDV": "000456/TTH-GPHN", "MA_BS": WHO, "TEN_BS": "Phan Văn Định", "NGAY_CT": "20260904", "MA_CHA": "", "MA_ME": "", "MA_THE_TAM": "",
                 "HO_TEN_CHA": "", "HO_TEN_ME": "Lê Thị Sen", "SO_NGAY_NGHI": "", "NGOAITRU_TUNGAY": "", "NGOAITRU_DENNGAY": "", "DU_PHONG": ""}
            ],
            "XML8": [
                {**papers, "MA_LOAI_KCB": "03", "HO_TEN_CHA": "", "HO_TEN_ME": "Lê Thị Sen", "NGUOI_GIAM_HO": "", "DON_VI": "", "CHAN_DOAN_VAO": "Viêm phổi",
                 "CHAN_DOAN_RV": "Viêm phổi", "QT_BENHLY": "Sốt ho 3 ngày, vào viện", "TOMTAT_KQ": "WBC 15.7; Xquang: viêm phổi phải",
                 "PP_DIEUTRI": "Ceftriaxon 4 ngày", "NGAY_SINHCON": "", "NGAY_CONCHET": "", "SO_CONCHET": "", "KET_QUA_DTRI": "2", "GHI_CHU": "",
                 "MA_TTDV": "000456/TTH-GPHN", "NGAY_CT": "20260904", "MA_THE_TAM": "", "DU_PHONG": ""}
            ],
            "XML14": [
                {**papers, "SO_GIAYHEN_KL": "HK26-88", "MA_CSKCB": "46001", "HO_TEN": CHILD["HO_TEN"], "NGAY_SINH": CHILD["NGAY_SINH"], "GIOI_TINH": "1",
                 "DIA_CHI": CHILD["DIA_CHI"], "MA_THE_BHYT": CHILD["MA_THE_BHYT"], "GT_THE_DEN": "20261231", "NGAY_VAO_NOI_TRU": "202609011430",
                 "NGAY_HEN_KL": "20260911", "CHAN_DOAN_RV": "Viêm phổi", "MA_BENH_CHINH": "J18.9", "MA_BENH_KT": "", "MA_BENH_YHCT": "",
                 "MA_DOITUONG_KCB": "1.1", "MA_BAC_SI": WHO, "MA_TTDV": "000456/TTH-GPHN", "NGAY_CT": "20260904", "DU_PHONG": ""}
            ],
        }
    )  # fmt: skip


MOTHER: Row = {
    **PERSON, "MA_BN": "BN0003", "HO_TEN": "HOÀNG THỊ DIỆU HIỀN", "SO_CCCD": "046198007766", "NGAY_SINH": "199811020000", "NHOM_MAU": "O+",
    "MA_THE_BHYT": "DN4464634567890", "DIEN_THOAI": "0905000333", "MA_NGHE_NGHIEP": "33",
}  # fmt: skip


def birth(link: str) -> Claim:
    """A delivery with the newborn's birth paper; the scan names the sex of the fetus, which must not pass."""
    came, left = "202608100200", "202608121000"
    claim: Claim = {
        "XML1": [
            summary(
                link, MOTHER, came, left, "03", "O80", "Đẻ thường một thai", LY_DO_VV="Đau bụng, thai 39 tuần", LY_DO_VNT="Chuyển dạ",
                NGAY_VAO_NOI_TRU="202608100215", SO_NGAY_DTRI="3", MA_KHOA="K27", MA_PTTT_QT="73.59", CAN_NANG="61", CAN_NANG_CON="3200",
                MA_BENH_KT="Z37.0", KET_QUA_DTRI="1",
            )
        ],
        "XML3": [
            service(1, "13.0033.0614", "Đỡ đẻ thường ngôi chỏm", "18", 736200, "202608100300", WHO, MA_KHOA="K27", NGAY_TH_YL="202608100320",
                    NGAY_KQ="202608100420"),
            service(2, "18.0020.0001", "Siêu âm thai (thai, nhau thai, nước ối)", "2", 58600, "202608100220", WHO, MA_KHOA="K27", NGAY_TH_YL="202608100230",
                    NGAY_KQ="202608100245", MA_MAY="SA.1.Z9"),
            service(3, "K27.1923", "Giường Hồi sức - Khoa Sản", "15", 203600, "202608100430", WHO, 80, 2, MA_KHOA="K27", MA_GIUONG="H003", NGAY_KQ=left),
        ],
        "XML4": [
            result(1, "18.0020.0001", "Siêu âm thai", "", "", "202608100245", MO_TA="Một thai sống ngôi đầu. Tim thai 142 l/ph. Giới tính thai: bé trai.",
                   KET_LUAN="Thai 39 tuần, ngôi đầu"),
        ],
        "XML5": [
            {"MA_LK": "", "STT": 1, "DIEN_BIEN_LS": "Đẻ thường một bé 3200 g, khóc ngay", "GIAI_DOAN_BENH": "", "HOI_CHAN": "", "PHAU_THUAT": "",
             "THOI_DIEM_DBLS": "202608100330", "NGUOI_THUC_HIEN": WHO, "DU_PHONG": ""}
        ],
        "XML7": [
            {"MA_LK": "", "SO_LUU_TRU": "26/00999", "MA_YTE": "BN0003", "MA_KHOA_RV": "K27", "NGAY_VAO": came, "NGAY_RA": left, "MA_DINH_CHI_THAI": "0",
             "CHAN_DOAN_RV": "Đẻ thường một thai", "PP_DIEUTRI": "Đỡ đẻ", "MA_TTDV": "000456/TTH-GPHN", "MA_BS": WHO, "TEN_BS": "Ngô Thị Thu",
             "NGAY_CT": "20260812"}
        ],
        "XML8": [
            {"MA_LK": "", "MA_LOAI_KCB": "03", "NGAY_VAO": came, "NGAY_RA": left, "CHAN_DOAN_VAO": "Đẻ thường một thai", "CHAN_DOAN_RV": "Đẻ thường một thai",
             "QT_BENHLY": "Chuyển dạ, đẻ thường", "TOMTAT_KQ": "Siêu âm: thai 39 tuần", "PP_DIEUTRI": "Đỡ đẻ", "KET_QUA_DTRI": "1",
             "MA_TTDV": "000456/TTH-GPHN", "NGAY_CT": "20260812"}
        ],
        "XML9": [
            {"MA_LK": "", "MA_BHXH_NND": "4634567890", "MA_THE_NND": "DN4464634567890", "HO_TEN_NND": MOTHER["HO_TEN"], "NGAYSINH_NND": "19981102",
             "MA_DANTOC_NND": "01", "SO_CCCD_NND": "046198007766", "NGAYCAP_CCCD_NND": "20210505", "NOICAP_CCCD_NND": "Cục CSQLHC về TTXH",
             "NOI_CU_TRU_NND": MOTHER["DIA_CHI"], "MA_QUOCTICH": "000", "MATINH_CU_TRU": "46", "MAHUYEN_CU_TRU": "", "MAXA_CU_TRU": "19753", "HO_TEN_CHA": "",
             "MA_THE_TAM": "TE1464645678901", "HO_TEN_CON": "", "GIOI_TINH_CON": "1", "SO_CON": "1", "LAN_SINH": "1", "SO_CON_SONG": "1",
             "CAN_NANG_CON": "3200", "NGAY_SINH_CON": "202608100324", "NOI_SINH_CON": "Bệnh viện đa khoa thử nghiệm Phú Xuân", "TINH_TRANG_CON": "Khỏe",
             "SINHCON_PHAUTHUAT": "0", "SINHCON_DUOI32TUAN": "0", "GHI_CHU": "", "NGUOI_DO_DE": "Ngô Thị Thu", "NGUOI_GHI_PHIEU": "Trần Thị Lài",
             "NGAY_CT": "20260810", "SO": "GCS-26-17", "QUYEN_SO": "02/2026", "MA_TTDV": "000456/TTH-GPHN", "DU_PHONG": ""}
        ],
    }  # fmt: skip
    return finish(claim)


def death(link: str) -> Claim:
    """An old man dies of a heart attack in the emergency department the day he comes; older file, 3176 of March 2025, district still written."""
    man = {
        **PERSON, "MA_BN": "BN0004", "HO_TEN": "PHẠM VĂN CỔ", "SO_CCCD": "", "NGAY_SINH": "194200000000", "GIOI_TINH": "1", "MA_NGHE_NGHIEP": "00",
        "MAHUYEN_CU_TRU": "474", "MAXA_CU_TRU": "19795", "MA_THE_BHYT": "HT2464656789012", "GT_THE_TU": "20250101", "GT_THE_DEN": "20251231", "DIEN_THOAI": "",
    }  # fmt: skip
    came, left = "202503140110", "202503140425"
    return finish(
        {
            "XML1": [
                summary(link, man, came, left, "09", "I21.9", "Nhồi máu cơ tim cấp", LY_DO_VV="Đau ngực dữ dội", LY_DO_VNT="Nhồi máu cơ tim cấp",
                        NGAY_VAO_NOI_TRU="202503140120", MA_DOITUONG_KCB="2", KET_QUA_DTRI="5", MA_LOAI_RV="1", MA_KHOA="K48", NAM_NAM_LIEN_TUC="20150101",
                        CAN_NANG="58")
            ],
            "XML2": [
                drug(1, "40.517", "Heparin 25000 IU/5ml", "25000IU/5ml", "2.10", 1, 120000, "5000 IU/lần * 1 lần [1 lọ]", "202503140130", WHO, 100,
                     DON_VI_TINH="Lọ", DANG_BAO_CHE="Dung dịch tiêm", CACH_DUNG="Tiêm tĩnh mạch", MA_KHOA="K48", NGAY_TH_YL="202503140135"),
            ],
            "XML3": [service(1, "02.1896", "Khám Nội cấp cứu", "13", 39800, "202503140112", WHO, 100, MA_KHOA="K48")],
            "XML5": [
                {"MA_LK": "", "STT": 1, "DIEN_BIEN_LS": "Ngừng tuần hoàn, cấp cứu 40 phút không hiệu quả", "GIAI_DOAN_BENH": "", "HOI_CHAN": "",
                 "PHAU_THUAT": "", "THOI_DIEM_DBLS": "202503140420", "NGUOI_THUC_HIEN": WHO, "DU_PHONG": ""}
            ],
        }
    )  # fmt: skip


def old_claim(link: str, **more: Any) -> Claim:
    """QĐ 4210, 2019: the order of a public exporter, codes and dates of that time."""
    head = {
        "MA_LK": link, "STT": 1, "MA_BN": "19004567", "HO_TEN": "Lê Thị Mơ Ước", "NGAY_SINH": "19680412", "GIOI_TINH": "2",
        "DIA_CHI": "Phường Trường An, Thành phố Huế, Thừa Thiên Huế", "MA_THE": "GD4464612345678", "MA_DKBD": "46001", "GT_THE_TU": "20190101",
        "GT_THE_DEN": "20191231", "MIEN_CUNG_CT": "", "TEN_BENH": "<![CDATA[Viêm dạ dày & tá tràng]]>", "MA_BENH": "K29", "MA_BENHKHAC": "", "MA_LYDO_VVIEN": "1",
        "MA_NOI_CHUYEN": "", "MA_TAI_NAN": "", "NGAY_VAO": "201905060800", "NGAY_RA": "201905060945", "SO_NGAY_DTRI": "1", "KET_QUA_DTRI": "1",
        "TINH_TRANG_RV": "1", "NGAY_TTOAN": "201905060950", "T_THUOC": "28000", "T_VTYT": "0", "T_TONGCHI": "62500", "T_BNTT": "0", "T_BHTT": "50000",
        "T_BNCCT": "12500", "T_NGUONKHAC": "0", "T_NGOAIDS": "0", "MA_LOAI_KCB": "1", "NAM_QT": "2019", "THANG_QT": "5", "MA_KHOA": "K01", "MA_CSKCB": "46001",
        "MA_KHUVUC": "", "MA_PTTT_QT": "", "CAN_NANG": "", **more,
    }  # fmt: skip
    medicine = {
        "MA_LK": link, "STT": 1, "MA_THUOC": "40.677", "MA_NHOM": "4", "TEN_THUOC": "<![CDATA[Omeprazol 20mg]]>", "DON_VI_TINH": "<![CDATA[Viên]]>",
        "HAM_LUONG": "<![CDATA[20mg]]>", "DUONG_DUNG": "1.01", "LIEU_DUNG": "<![CDATA[2 viên/ngày]]>", "SO_DANG_KY": "VD-10584-10",
        "TT_THAU": "<![CDATA[15/QĐ-SYT;G1;N3]]>", "PHAM_VI": "1", "TYLE_TT": "100", "SO_LUONG": "14", "DON_GIA": "2000", "THANH_TIEN": "28000", "MUC_HUONG": "80",
        "T_NGUONKHAC": "0", "T_BNTT": "0", "T_BNCCT": "5600", "T_BHTT": "22400", "T_NGOAIDS": "0", "MA_KHOA": "K01", "MA_BAC_SI": "001234/TTH-CCHN",
        "MA_BENH": "K29", "NGAY_YL": "201905060930", "MA_PTTT": "0",
    }  # fmt: skip
    visit = {
        "MA_LK": link, "STT": 1, "MA_DICH_VU": "02.1897", "MA_VAT_TU": "", "TEN_VAT_TU": "", "MA_NHOM": "13", "GOI_VTYT": "",
        "TEN_DICH_VU": "<![CDATA[Khám Nội]]>", "DON_VI_TINH": "Lần", "PHAM_VI": "1", "SO_LUONG": "1", "DON_GIA": "34500", "TT_THAU": "", "MUC_HUONG": "80",
        "T_NGUONKHAC": "0", "T_BNTT": "0", "T_BNCCT": "6900", "T_BHTT": "27600", "T_NGOAIDS": "0", "MA_GIUONG": "", "TYLE_TT": "100", "THANH_TIEN": "34500",
        "T_TRANTT": "34500", "MA_KHOA": "K01", "MA_BAC_SI": "001234/TTH-CCHN", "MA_BENH": "K29", "NGAY_YL": "201905060805", "NGAY_KQ": "", "MA_PTTT": "0",
    }  # fmt: skip
    return {"XML1": [head], "XML2": [medicine], "XML3": [visit]}


def pilot(link: str) -> Claim:
    """QĐ 130 before 4750 (October 2023): no NHOM_MAU, no DU_PHONG of XML1, five-digit occupation."""
    claim = outpatient(
        link,
        {**PERSON, "MA_NGHE_NGHIEP": "61110", "MAHUYEN_CU_TRU": "474", "MAXA_CU_TRU": "19795", "GT_THE_TU": "20230101", "GT_THE_DEN": "20231231"},
    )
    for rows in claim.values():
        for row in rows:
            row.pop("NHOM_MAU", None)
            row.pop("NGAY_TH_YL", None) if "MA_THUOC" in row else None
            for key, value in row.items():
                if isinstance(value, str) and value.startswith("20260910"):
                    row[key] = "20231010" + value[8:]
    claim["XML1"][0].update({"NAM_QT": "2023", "THANG_QT": "10", "MA_TTDV": "4612345678"})
    claim["XML1"][0].pop("DU_PHONG")
    return claim


FILES: dict[str, tuple[str | bytes, dict[str, int]]] = {}


def keep(name: str, data: str | bytes, present: int = 1, rejected: int = 0, **more: int) -> None:
    """Name a file and what must become of it."""
    FILES[name] = data, {"present": present, "rejected": rejected, **more}


def clean_files() -> None:
    """Legal files."""
    keep("clean/3176-outpatient.xml", envelope(hoso(outpatient("KB26.000001"))))
    keep("clean/3176-inpatient-child.xml", envelope(hoso(inpatient("NT26.000002"))))
    keep("clean/3176-birth.xml", envelope(hoso(birth("NT26/000003"))))
    keep("clean/3176-death-2025.xml", envelope(hoso(death("CC25.000004")), created="20250314"))
    keep("clean/4210-outpatient.xml", envelope(hoso(old_claim("1900000005"), old=True), created="20190506"))
    keep("clean/130-pilot-2023.xml", envelope(hoso(pilot("KB23.000006")), created="20231010"))
    keep("clean/nested.xml", envelope(hoso(outpatient("KB26.000007"), nested=True)))
    keep("clean/three in one file.xml", envelope("\n".join(hoso(outpatient(f"KB26.00001{n}")) for n in range(3)), 3), 3)


def odd_files() -> None:  # noqa: PLR0915  a list
    """Readable shapes seen in public programs, or one step from them."""
    one = outpatient("X26.000101")
    x1, x2, x3, x4 = (table(name, one[name]) for name in ("XML1", "XML2", "XML3", "XML4"))

    def relinked(text: str, link: str) -> str:
        return text.replace("X26.000101", link)

    def variant(name: str, inner: str, **kw: Any) -> None:
        link = f"X26.{len(FILES):06d}"
        keep(f"odd/{name}.xml", relinked(envelope(f"<HOSO>{inner}</HOSO>", **kw), link))

    def b64(text: str, *args: str) -> str:
        return coded(relinked(text, f"X26.{len(FILES):06d}"), *args)

    # A .NET StringBuilder declares utf-16; the exporter encodes it as UTF-16LE without a mark (seen in a 917 exporter).
    wide = '<?xml version="1.0" encoding="utf-16"?>'
    variant("inner-utf16le", part("XML1", b64(x1, wide, "utf-16-le")) + part("XML2", b64(x2, wide, "utf-16-le")))
    variant("inner-says-utf16-is-utf8", part("XML1", b64(x1, wide)) + part("XML2", b64(x2, wide)))
    variant("inner-bom-crlf", part("XML1", b64("\r\n" + x1.replace("><", ">\r\n<"), "\ufeff" + DECLARATION)) + part("XML3", b64(x3)))
    # The nested form with the declaration pasted along: seen wherever a document is stringified into another.
    variant("nested-with-declaration", part("XML1", DECLARATION + x1) + part("XML2", DECLARATION + x2))
    variant("nested-cdata", part("XML1", f"<![CDATA[{DECLARATION}{x1}]]>") + part("XML2", f"<![CDATA[{x2}]]>"))
    variant("nested-escaped", part("XML1", x1.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")))
    # xsi:nil with the prefix declared on the envelope only.
    variant("xsi-nil", part("XML1", x1.replace("<NGAY_MIEN_CCT/>", '<NGAY_MIEN_CCT xsi:nil="true"/>')) + part("XML3", x3))
    variant("loaihoso-case", part(" xml1 ", b64(x1)) + part("Xml2", b64(x2)) + part("xml4", b64(x4)))
    variant(
        "two-parts-of-xml3",
        part("XML1", b64(x1)) + part("XML3", b64(x3)) + part("XML3", b64(x3.replace("<STT>1<", "<STT>3<").replace("<STT>2<", "<STT>4<"))),
    )
    variant("xml1-last", part("XML4", b64(x4)) + part("XML3", b64(x3)) + part("XML2", b64(x2)) + part("XML1", b64(x1)))
    variant("empty-tables", part("XML1", b64(x1)) + "".join(part(f"XML{n}", "") for n in (2, 3, 8, 10, 13)) + part("XML6", coded("")))
    wrapped = b64(x1)
    variant("base64-64-columns", part("XML1", "\n" + "\n".join(wrapped[i : i + 64] for i in range(0, len(wrapped), 64)) + "\n"))
    variant("xml1-in-dataset", part("XML1", b64(f"<CHITIEUTONGHOPKCBBHYT>\r\n  {x1}\r\n</CHITIEUTONGHOPKCBBHYT>")))
    variant("count-lies", part("XML1", b64(x1)), count=30)
    variant("count-empty", part("XML1", b64(x1)), count="")
    variant("default-namespace", part("XML1", b64(x1.replace("<TONG_HOP>", '<TONG_HOP xmlns="http://tempuri.org/">'))))
    variant("lower-declaration", part("XML1", b64(x1)), head="<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n<!-- HIS 3.1 <HOSO> -->\r\n")
    variant("no-declaration", part("XML1", b64(x1)), head="")
    # What scripts write for nothing: null, NULL, undefined, NaN, "_" and "-".
    empty = x1
    for field, filler in (("MA_KHUVUC", "_"), ("MA_PTTT_QT", "_"), ("GHI_CHU", "null"), ("MA_BENH_YHCT", "NULL"), ("NGAY_TAI_KHAM", "undefined")):
        empty = empty.replace(f"<{field}/>", f"<{field}>{filler}</{field}>")
    variant("words-for-nothing", part("XML1", b64(empty)))
    dates = x1.replace("<NGAY_VAO>202609100715<", "<NGAY_VAO>20260910071500<").replace(
        "<NGAY_TTOAN>202609101030<", "<NGAY_TTOAN>2026-09-10T10:30:00<"
    )
    variant("dates-with-seconds", part("XML1", b64(dates)))
    for digits in ("1968", "19680000", "196800000000", "19680412"):
        born = x1.replace("<NGAY_SINH>196804120000<", f"<NGAY_SINH>{digits}<")
        variant(f"born-{digits}", part("XML1", b64(born)))
    tail = x1.replace("<MA_BENH_KT>I10<", "<MA_BENH_KT>I10;E78.5;<").replace("<GT_THE_DEN>20261231<", "<GT_THE_DEN>20261231;<")
    variant("lists-with-trailing-semicolon", part("XML1", b64(tail)))
    variant(
        "numbers",
        part("XML1", b64(x1)) + part("XML3", b64(x3.replace("<DON_GIA_BV>39800<", "<DON_GIA_BV>39800.<").replace("<SO_LUONG>1<", "<SO_LUONG>1,0<"))),
    )
    variant("entities", part("XML1", x1.replace("12 kiệt 5", "12 ki&#7879;t 5 A&amp;B &quot;x&quot;")))
    variant("bare-ampersand", part("XML1", b64(x1.replace("12 kiệt 5", "12 kiệt A & B < 5 tuổi"))))
    keep("odd/envelope-utf16.xml", relinked(envelope(hoso(one)), "X26.000201").replace("utf-8", "utf-16").encode("utf-16"))
    keep("odd/lone-tong-hop.xml", DECLARATION + relinked(x1, "X26.000203"))
    keep(
        "bad/lone-dataset.xml",
        '<?xml version="1.0" standalone="yes"?>\r\n<CHITIEUTONGHOPKCBBHYT>' + relinked(x1, "X26.000204") + "</CHITIEUTONGHOPKCBBHYT>",
        0,
        0,
        refused=1,
    )
    keep("odd/lone-hoso.xml", relinked(DECLARATION + hoso(outpatient("X26.000205")), ""))
    keep("odd/tên có dấu và khoảng trắng.xml", envelope(hoso(outpatient("X26.000206"))))
    keep("odd/not-xml-by-name.dat", envelope(hoso(outpatient("X26.000207"))))
    keep("odd/no-envelope-facility.xml", envelope(hoso(outpatient("X26.000208")), facility=""))
    keep(
        "odd/same-link-other-facility.xml", envelope(hoso(outpatient("KB26.000001", {**PERSON, "MA_BN": "9-77"}, MA_CSKCB="46002")), facility="46002")
    )


def bad_files() -> None:
    """What cannot be read or attributed, and what stands beside it."""
    good = hoso(outpatient("B26.000001"))
    no_link = outpatient("X")
    for rows in no_link.values():
        for row in rows:
            row["MA_LK"] = ""
    keep("bad/no-link.xml", envelope(hoso(no_link)), 1, 1)
    without = outpatient("B26.000002")
    del without["XML1"]
    keep("bad/no-xml1.xml", envelope(hoso(without) + good, 2), 2, 1)
    nowhere = outpatient("B26.000003", MA_CSKCB="")
    keep("bad/no-facility.xml", envelope(hoso(nowhere), facility=""), 1, 1)
    two = outpatient("B26.000004")
    other = summary("B26.000004", CHILD, "202609100715", "202609101030", "01", "J18.9", "Viêm phổi")
    both = [table("XML1", [row]) for row in (two["XML1"][0], other)]
    keep("bad/two-people.xml", envelope(f"<HOSO>{''.join(part('XML1', coded(one)) for one in both)}</HOSO>"), 1, 1)
    keep("bad/two-people-nested.xml", envelope(f"<HOSO>{part('XML1', ''.join(both))}</HOSO>"), 1, 1)
    keep("bad/cut.xml", envelope(hoso(outpatient("B26.000005")) + hoso(outpatient("B26.000006")), 2)[:-3000], 2, 1)
    keep(
        "bad/broken-base64.xml", envelope("<HOSO>" + part("XML1", "!!!" + coded(table("XML1", outpatient("B26.7")["XML1"]))[5:900]) + "</HOSO>"), 1, 1
    )
    keep("bad/direct-list.xml", f"<GIAMDINHHS><DANHSACHHOSO>{hoso(outpatient('B26.000008'))}</DANHSACHHOSO></GIAMDINHHS>", 1, 1, refused=1)
    keep("bad/no-claims.xml", envelope("", 0), 0, 0, refused=1)
    keep("bad/empty.xml", "", 0, 0, refused=1)
    keep("bad/json.xml", '{"GIAMDINHHS": {}}', 0, 0, refused=1)
    keep("bad/health-check.xml", envelope(good).replace("GIAMDINHHS", "KHAMSUCKHOE"), 0, 0, set_aside=1)
    keep(
        "bad/documents.xml",
        envelope("<HOSO>" + part("CT03", coded("<CT03><MA_YTE>1</MA_YTE></CT03>")) + "</HOSO>").replace("GIAMDINHHS", "HSCHUNGTU"),
        0,
        0,
        refused=1,
    )


def main() -> None:
    """Write every file and what is expected of it."""
    clean_files()
    odd_files()
    bad_files()
    for name, (data, _) in FILES.items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    expected = {name: what for name, (_, what) in FILES.items()}
    (HERE / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
