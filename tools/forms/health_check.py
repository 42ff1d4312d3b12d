"""The health-check forms (QĐ 1551/2026 and its templates) made of the gathered table: one Questionnaire for each group of people."""

from __future__ import annotations

import csv
import re
from pathlib import Path

from tools.forms.maker import OURS, SDC, Doc, add, constraint, control, group, initial, item, limits, observed, options, path, questionnaire, unit
from tools.forms.maker import english as translated
from tools.forms.shared import BIRTH, CITIZEN, FEMALE, NAME, SETS, SEX
from tools.forms.vitals import SIGNS, bmi, measured
from tools.forms.words import both, english

SOURCE = Path("/work/shared/spec/health-check-fields.csv")
SYSTEM = "https://yba.vn/CodeSystem/health-check"
Row = dict[str, str]
FORMS = {
    "adult": ("Giấy khám sức khỏe người từ đủ 18 tuổi", "Health check, 18 years and over", ("≥18", "≥18 nữ")),
    "child-6-18": ("Giấy khám sức khỏe người từ 6 đến dưới 18 tuổi", "Health check, 6 to under 18 years", ("6-<18", "<18")),
    "child-under-6": ("Giấy khám sức khỏe trẻ dưới 6 tuổi", "Health check, under 6 years", ("<6", "<18")),
    "driver": ("Giấy khám sức khỏe người lái xe", "Health check, drivers", ("driver",)),
    "railway": ("Giấy khám sức khỏe nhân viên đường sắt", "Health check, railway staff", ("railway",)),
    "seafarer": ("Giấy khám sức khỏe thuyền viên", "Health check, seafarers", ("seafarer",)),
}
BLOCKS = {
    "THONG_TIN_HANH_CHINH": ("1. Hành chính", "1. Personal data"),
    "THONG_TIN_CHUNG_VE_LAN_KHAM": ("2. Lần khám", "2. Examination"),
    "TIEN_SU_BENH": ("3. Tiền sử bệnh", "3. History"),
    "KHAM_THE_LUC": ("4. Khám thể lực", "4. Physique"),
    "KHAM_LAM_SANG": ("5. Khám lâm sàng", "5. Clinical examination"),
    "KHAM_CAN_LAM_SANG": ("6. Khám cận lâm sàng", "6. Investigations"),
    "KET_LUAN": ("7. Kết luận", "7. Conclusion"),
}
NOT_ASKED = {
    "envelope": "of the message that carries the form, written by whoever sends it",
    "transport": "of the way a message travels, not of the examination",
}
# Rows whose names are written together in the table.
SPELT = {
    "NGUON_KINH_PHI / NGUON_CHI_TRA": ["NGUON_KINH_PHI"],
    "NOI_CONG_TAC_HIEN_TAI / NOI_LAM_VIEC_HOC_TAP": ["NOI_CONG_TAC_HIEN_TAI"],
    "NGAY_KHAM / NGAY_VAO": ["NGAY_KHAM"],
    "CAC_VAN_DE_SUC_KHOE / CAC_BENH_TAT_NEU_CO": ["CAC_VAN_DE_SUC_KHOE"],
    "THOI_GIAN_LAM_VIEC_TRUOC_DAY_NAM/THANG": ["THOI_GIAN_LAM_VIEC_TRUOC_DAY_NAM", "THOI_GIAN_LAM_VIEC_TRUOC_DAY_THANG"],
    "TU_NGAY/DEN_NGAY_LAM_VIEC_TRUOC_DAY": ["TU_NGAY_LAM_VIEC_TRUOC_DAY", "DEN_NGAY_LAM_VIEC_TRUOC_DAY"],
    "LUC_BOP_TAY_THUAN / KHONG_THUAN": ["LUC_BOP_TAY_THUAN", "LUC_BOP_TAY_KHONG_THUAN"],
    "KET_QUA_KHAM_DA_LIEU + _PL": ["KET_QUA_KHAM_DA_LIEU", "KHAM_DA_LIEU_PL"],
    "KET_QUA_KHAM_SAN_PHU_KHOA + _PL": ["KET_QUA_KHAM_SAN_PHU_KHOA", "KHAM_SAN_PHU_KHOA_PL"],
    "KHONG_KINH_MAT_PHAI/TRAI, CO_KINH_MAT_PHAI/TRAI, BENH_KHAC_MAT, KHAM_MAT_PL": [
        "KHONG_KINH_MAT_PHAI", "KHONG_KINH_MAT_TRAI", "CO_KINH_MAT_PHAI", "CO_KINH_MAT_TRAI", "BENH_KHAC_MAT", "KHAM_MAT_PL",
    ],
    "TAI_TRAI/PHAI_NOI_THUONG (m), NOI_THAM (m), BENH_KHAC_TAI_MUI_HONG, KHAM_TAI_MUI_HONG_PL": [
        "TAI_TRAI_NOI_THUONG", "TAI_PHAI_NOI_THUONG", "TAI_TRAI_NOI_THAM", "TAI_PHAI_NOI_THAM", "BENH_KHAC_TAI_MUI_HONG", "KHAM_TAI_MUI_HONG_PL",
    ],
    "NHI_KHOA_TUAN_HOAN/HO_HAP/TIEU_HOA/THAN_TIETNIEU/THAN_KINH/TAM_THAN/LAM_SANG_KHAC": [
        f"NHI_KHOA_{one}" for one in ("TUAN_HOAN", "HO_HAP", "TIEU_HOA", "THAN_TIETNIEU", "THAN_KINH", "TAM_THAN", "LAM_SANG_KHAC")
    ],
    "MO_TA_VAN_DONG_TINH_THAN + milestone tags": ["MO_TA_VAN_DONG_TINH_THAN"],
    "XA/GAN_KHONG_KINH/CO_KINH_MAT_PHAI/TRAI/HAI_MAT, KHAM_MAT_THI_GIAC_MAU, KHAM_MAT_THI_TRUONG_PHAI/TRAI": [
        f"{far}_{glasses}_{eye}" for far in ("XA", "GAN") for glasses in ("KHONG_KINH", "CO_KINH") for eye in ("MAT_PHAI", "MAT_TRAI", "HAI_MAT")
    ] + ["KHAM_MAT_THI_GIAC_MAU", "KHAM_MAT_THI_TRUONG_PHAI", "KHAM_MAT_THI_TRUONG_TRAI"],
    "TAI_PHAI/TRAI_500/2000/3000/4000/6000HZ": [f"TAI_{side}_{hertz}HZ" for side in ("PHAI", "TRAI") for hertz in (500, 2000, 3000, 4000, 6000)],
    "TIM_MACH … THAN_KINH_TAM_LY": ["TIM_MACH", "THAN_KINH_TAM_LY"],
}  # fmt: skip
MEASURED = {"CHIEU_CAO": "8302-2", "CAN_NANG": "29463-7", "MACH": "8867-4", "NHIP_TIM": "8867-4"}
LISTS = {
    "MA_DAN_TOC": "ethnic", "QUOC_TICH": "country", "MATINH_CU_TRU": "province", "MAXA_CU_TRU": "commune", "MA_NGHE_NGHIEP": "occupation",
    "MATINH_CU_TRU_NGH_ME": "province", "MAXA_CU_TRU_NGH_ME": "commune",
}  # fmt: skip
FILLED = {
    "HO_TEN": NAME, "NGAY_SINH": BIRTH, "DIEN_THOAI": "%patient.telecom.where(system='phone').value.first()",
    "GIOI_TINH": SEX, "SO_CCCD": CITIZEN, "DIA_CHI": "%patient.address.first().text",
}  # fmt: skip
CLASSES = [
    ("1", "Loại I", "Class I"),
    ("2", "Loại II", "Class II"),
    ("3", "Loại III", "Class III"),
    ("4", "Loại IV", "Class IV"),
    ("5", "Loại V", "Class V"),
]
YES = [("1", "Có", "Yes"), ("0", "Không", "No")]


def rows(source: Path = SOURCE) -> list[Row]:
    """Read the gathered table."""
    with source.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def names(row: Row) -> list[str]:
    """Name the questions of a row; none for what is not asked."""
    field = row["field"]
    if row["block"] in NOT_ASKED:
        return []
    if field in SPELT:
        return SPELT[field]
    if field.endswith("(_PL)"):
        return [field.removesuffix("(_PL)"), field.replace("(_PL)", "_PL")]
    told = field.partition(": ")[2] or field
    return [one.strip() for one in re.split(r" / |, | \+ ", told)]


def applies(row: Row, kinds: tuple[str, ...]) -> bool:
    """Whether a row belongs to a form."""
    told = row["applies_to"]
    return told in {"all", "all/seafarer"} or bool(set(told.split(",")) & set(kinds))


def forms(source: Path = SOURCE) -> list[Doc]:
    """Make the forms."""
    found = rows(source)
    return [_form(name, [row for row in found if applies(row, FORMS[name][2])]) for name in FORMS]


def _form(name: str, found: list[Row]) -> Doc:
    vi, en, _ = FORMS[name]
    used: set[str] = set()
    parts = [_block(block, [row for row in found if row["block"] == block], used) for block in BLOCKS]
    return questionnaire(
        f"health-check-{name}", "1", vi, en, [one for one in parts if one["item"]], start="2026-01-01",
        source="Health-check templates of QĐ 1551/QĐ-BYT 2026: shared/spec/health-check-fields.csv of 2026-11 (tags right, formats to verify)",
    )  # fmt: skip


def _block(block: str, found: list[Row], used: set[str]) -> Doc:
    vi, en = BLOCKS[block]
    docs: list[Doc] = []
    for row in found:
        made = [_question(row, name) for name in names(row) if name not in used]
        used |= set(names(row))
        if ": " in row["field"] and made:
            head = row["field"].partition(":")[0]
            made = [add(group(head, row["label_vi"], english(row["label_vi"]), made), OURS + "form-xml", valueString=head)]
        for doc in made:
            if row["applies_to"].endswith("nữ"):
                add(doc, SDC + "enableWhenExpression", valueExpression=path(FEMALE))
        docs += made
    return add(group(block, vi, en, docs), OURS + "form-xml", valueString=block)


def _question(row: Row, name: str) -> Doc:
    label, en = both(row["label_vi"] if len(names(row)) == 1 else f"{row['label_vi']}: {_words(name)}")
    doc = _typed(row, name, label) | {"_text": translated(en)}
    if name in FILLED:
        doc = initial(doc, FILLED[name])
    if row["datatype"] in {"date", "datetime"} and doc["type"] == "date":
        constraint(doc, "not-future", "answer.value <= today()", "Ngày ở tương lai.", "The day lies in the future.")
    if row["block"] in {"TIEN_SU_BENH", "KHAM_THE_LUC", "KHAM_LAM_SANG", "KHAM_CAN_LAM_SANG", "KET_LUAN"} and "code" not in doc:
        category = {"TIEN_SU_BENH": "survey", "KHAM_CAN_LAM_SANG": "laboratory"}.get(row["block"], "exam")
        doc = observed(doc, category=category)
        doc["code"] = [{"system": SYSTEM, "code": name, "display": label}]
    return add(doc, OURS + "form-xml", valueString=name)


def _words(name: str) -> str:
    """Say a tag in small letters, for a row that names many."""
    return "phân loại" if name.endswith("_PL") else name.replace("_", " ").capitalize()


def _typed(row: Row, name: str, label: str) -> Doc:
    if name in MEASURED:
        sign = next(one for one in SIGNS if one[5] == MEASURED[name])
        return measured((name, label, "", *sign[3:]))
    if name == "CHI_SO_BMI":
        return bmi(name, "CAN_NANG", "CHIEU_CAO")
    if name == "HUYET_AP":
        return add(item(name, "string", label, "", maxLength=9), "http://hl7.org/fhir/StructureDefinition/regex", valueString="[0-9]{2,3}/[0-9]{2,3}")
    if name in LISTS:
        return control(item(name, "choice", label, answerValueSet=SETS + LISTS[name]), "autocomplete")
    chosen = _choices(row, name)
    return options(item(name, "choice", label), f"{SYSTEM}/{chosen[0]}", chosen[1]) if chosen else _free(row, name, label)


def _choices(row: Row, name: str) -> tuple[str, list[tuple[str, str, str]]] | None:
    if name.endswith("_PL") or name == "PHAN_LOAI_SK":
        return "class", CLASSES
    if name == "GIOI_TINH":
        return name, [("1", "Nam", "Male"), ("2", "Nữ", "Female")]
    if row["value_set"].startswith("1 có;0 không"):
        return "yes-no-unknown", [*YES, ("99", "Không rõ", "Unknown")]
    return ("yes-no", YES) if row["value_set"] == "1|0" else None


def _free(row: Row, name: str, label: str) -> Doc:
    kind = row["datatype"]
    if kind == "bool" or (kind == "number" and name == "SINH_NON"):
        return item(name, "boolean", label)
    if kind == "number":
        return limits(item(name, "decimal", label), hard=(0, 10_000))
    if kind in {"date", "datetime"}:
        return item(name, "date" if kind == "date" else "dateTime", label)
    if name.endswith("HZ"):
        return unit(limits(item(name, "integer", label), hard=(-20, 130)), "dB", "dB")
    return item(name, "text" if row["block"] in {"KHAM_LAM_SANG", "KET_LUAN"} else "string", label, maxLength=4000)
