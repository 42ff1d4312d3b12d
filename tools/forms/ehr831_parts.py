"""The rows of QĐ 831 one by one: type, answers to choose, rules, where the answer goes in FHIR and in the decision's XML."""

from __future__ import annotations

import re
from typing import Any

from tools.forms.maker import (
    Doc,
    add,
    constraint,
    context,
    control,
    defines,
    group,
    initial,
    item,
    limits,
    observed,
    options,
    unit,
    when,
)
from tools.forms.shared import BIRTH, CITIZEN, NAME, SETS, SEX
from tools.forms.vitals import PRESSURE, SIGNS, bmi, measured
from tools.forms.words import english

Row = dict[str, str]
OURS = "https://yba.vn/x/"
SYSTEM = "https://yba.vn/CodeSystem/ehr-831"
ICD10 = "https://yba.vn/CodeSystem/icd10"
CATEGORY = "http://terminology.hl7.org/CodeSystem/"
ALLERGIES = {"1": ("medication", "thuốc"), "2": ("environment", "hóa chất, mỹ phẩm"), "3": ("food", "thực phẩm"), "4": ("biologic", "khác")}
MONTH = "Immunization.extension:month.valueInteger"
KINSHIP = ["Cha", "Mẹ", "Ông/bà nội", "Ông/bà ngoại", "Anh chị em ruột", "Con", "Cô/dì/chú/bác"]

SECTIONS = {
    "A.hanh_chinh": ("A1. Hành chính", "A1. Personal data"),
    "A.quan_he_gia_dinh": ("A2. Quan hệ gia đình", "A2. Family"),
    "B1.tinh_trang_luc_sinh": ("B1. Tình trạng lúc sinh", "B1. At birth"),
    "B2.yeu_to_nguy_co": ("B2. Yếu tố nguy cơ đối với sức khỏe cá nhân", "B2. Risk factors"),
    "B3.tien_su_benh_tat_di_ung": ("B3. Tiền sử bệnh tật, dị ứng", "B3. Diseases and allergies"),
    "B4.khuyet_tat": ("B4. Khuyết tật", "B4. Disabilities"),
    "B5.tien_su_phau_thuat": ("B5. Tiền sử phẫu thuật", "B5. Operations"),
    "B6.tien_su_gia_dinh": ("B6. Tiền sử gia đình", "B6. Family history"),
    "B7.suc_khoe_sinh_san_khhgd": ("B7. Sức khỏe sinh sản và kế hoạch hóa gia đình", "B7. Reproductive health"),
    "B8.van_de_khac": ("B8. Vấn đề khác", "B8. Other"),
    "C0.tiem_chung": ("C. Các mũi tiêm", "C. Doses"),
    "C1.co_ban_tre_em": ("C1. Tiêm chủng cơ bản cho trẻ em", "C1. Basic vaccines for children"),
    "C2.ngoai_tcmr": ("C2. Tiêm chủng ngoài chương trình TCMR", "C2. Vaccines outside the national programme"),
    "C3.uon_van_phu_nu": ("C3. Tiêm uốn ván cho phụ nữ có thai", "C3. Tetanus for pregnant women"),
    "D0.lan_kham": ("D0. Lần khám", "D0. Visit"),
    "D1.sinh_ton_nhan_trac": ("D1. Dấu hiệu sinh tồn, chỉ số nhân trắc", "D1. Vital signs and measures"),
    "D2.thi_luc": ("D2. Thị lực", "D2. Visual acuity"),
    "D3.kham_lam_sang": ("D3. Khám lâm sàng", "D3. Clinical examination"),
    "D4.can_lam_sang": ("D4. Kết quả cận lâm sàng", "D4. Investigations"),
    "D5.chan_doan": ("D5. Chẩn đoán, kết luận", "D5. Diagnosis, conclusion"),
    "D6.tu_van": ("D6. Tư vấn", "D6. Advice"),
}
# Which item a value of the record fills: FHIRPath over %patient.
FILLED = {
    "A.MADINHDANH": CITIZEN,
    "A.MABHXH": "%patient.identifier.where(system='https://yba.vn/id/bhxh').value.first()",
    "A.MATHE": "%patient.identifier.where(system='https://yba.vn/id/the-bhyt').value.first()",
    "A.HOTEN": NAME,
    "A.GIOITINH": SEX,
    "A.NGAYSINH": BIRTH,
    "A.MADANTOC": "%patient.extension.where(url='https://yba.vn/x/ethnicity').value",
    "A.MANGHENGHIEP": "%patient.extension.where(url='https://yba.vn/x/occupation').value",
    "A.SOCMND": "%patient.identifier.where(system='https://yba.vn/id/cmnd' or system='https://yba.vn/id/cccd').value.first()",
    "A.DIACHI_THUONGTRU": "%patient.address.first().line.first()",
    "A.DIENTHOAI_DD": "%patient.telecom.where(system='phone' and (use.empty() or use='mobile')).value.first()",
    "A.DIENTHOAI_CD": "%patient.telecom.where(system='phone' and use='home').value.first()",
    "A.EMAIL": "%patient.telecom.where(system='email').value.first()",
}
LISTS = {
    "A.MADANTOC": "ethnic", "A.MATONGIAO": "religion", "A.MANGHENGHIEP": "occupation", "A.MAQUOCTICH": "country", "A.MATINH_KHAISINH": "province",
    "A.MATINH_THUONGTRU": "province", "A.MAHUYEN_THUONGTRU": "district", "A.MAXA_THUONGTRU": "commune", "A.MATINH_HIENTAI": "province",
    "A.MAHUYEN_HIENTAI": "district", "A.MAXA_HIENTAI": "commune", "D5.CHANDOANBENH.MABENH": "icd10", "D4.DICHVU.MADICHVU": "service",
}  # fmt: skip
CHOICES = {
    "A.QUANHE_CHUHO": ["Chủ hộ", "Vợ/chồng", "Con", "Cha/mẹ", "Ông/bà", "Cháu", "Anh chị em", "Khác"],
    "A.QH.LOAI_QUANHE": ["Cha", "Mẹ", "Người chăm sóc", "Người giám hộ", "Vợ/chồng", "Con"],
    "B6.DIUNG.NGUOIMAC": KINSHIP,
    "B6.BENHTAT.NGUOIMAC": KINSHIP,
    "B2.YEUTO_TIEPXUC": ["Hóa chất", "Bụi", "Tiếng ồn", "Phóng xạ", "Sinh học", "Khác"],
    "B2.LOAIHOXIGD": ["Xả nước", "Hai ngăn", "Hố xí thùng", "Không có"],
}
CODED = {
    "A.GIOITINH": [("1", "Nam", "Male"), ("2", "Nữ", "Female")],
    "A.NHOMMAU_HEABO": [(one, one, one) for one in ("A", "B", "AB", "O")],
    "A.NHOMMAU_HERH": [("+", "Rh+", "Rh+"), ("-", "Rh-", "Rh-")],
    "B1.LOAIDE": [("0", "Đẻ thường", "Vaginal"), ("1", "Đẻ mổ", "Caesarean")],
    "C.MUI.LOAIVACXIN": [
        ("1", "Cơ bản cho trẻ em", "Basic, child"), ("2", "Ngoài TCMR", "Outside the programme"), ("3", "Uốn ván phụ nữ có thai", "Tetanus, pregnant"),
    ],
    "C.MUI.TRANGTHAI": [("1", "Đã tiêm", "Given"), ("0", "Chưa tiêm", "Not given")],
    "D4.DICHVU.MANHOM": [("1", "Xét nghiệm", "Laboratory"), ("2", "Chẩn đoán hình ảnh", "Imaging")],
}  # fmt: skip
STATUS = [("0", "Không", "No"), ("1", "Có", "Yes"), ("2", "Thường xuyên", "Often")]
QUIT = [("0", "Không dùng", "Never used"), ("1", "Đã bỏ", "Quit")]
DIGITS = {
    "A.MADINHDANH": ("[0-9]{12}", "12 chữ số.", "12 digits."), "A.VNEID": ("[0-9]{12}", "12 chữ số.", "12 digits."),
    "A.MABHXH": ("[0-9]{10}", "10 chữ số.", "10 digits."), "A.MATHE": ("[A-Za-z0-9]{10,15}", "15 ký tự của thẻ BHYT.", "15 characters."),
    "A.SOCMND": ("[A-Za-z0-9]{8,12}", "9 hoặc 12 chữ số, hoặc số hộ chiếu.", "9 or 12 digits, or a passport number."),
    "A.DIENTHOAI_DD": ("(0|\\+84)[0-9]{9}", "10 chữ số, bắt đầu bằng 0.", "10 digits, beginning with 0."),
    "A.QH.MADINHDANH": ("[0-9]{12}", "12 chữ số.", "12 digits."), "A.EMAIL": ("[^@ ]+@[^@ ]+\\.[^@ ]+", "Dạng ten@mien.vn.", "As name@domain.vn."),
    "D2.MATPHAI": ("([0-9]|10)([.,]5)?/10|ST[+-]", "Dạng x/10.", "As x/10."), "D2.MATTRAI": ("([0-9]|10)([.,]5)?/10|ST[+-]", "Dạng x/10.", "As x/10."),
}  # fmt: skip
NUMBERS = {  # hard, soft, unit
    "B1.CANNANG": ((200, 8000), (1500, 5000), ("g", "g")), "B1.CHIEUDAI": ((15, 70), (40, 58), ("cm", "cm")),
    "B2.DSYEUTO.2.SOLUONG": ((0, 100), (0, 20), ("{drinks}/d", "cốc/ngày")), "B2.DSYEUTO.1.TANSUAT": ((0, 200), (0, 60), ("{cigarettes}/d", "điếu/ngày")),
    "C.SOMUIUONVANMETIEM": ((0, 5), (None, None), ("", "")), "C.MUI.THUTUMUI": ((1, 20), (None, None), ("", "")),
    "C.MUI.THANGTHAI": ((1, 10), (None, None), ("", "")),
}  # fmt: skip
DIRECTLY = {  # where an answer stands in the resource of its group (or of itself)
    "A.QH.LOAI_QUANHE": "RelatedPerson.relationship:kind.text", "A.QH.TEN_QUANHE": "RelatedPerson.relationship:words.text",
    "A.QH.MADINHDANH": "RelatedPerson.identifier.value", "A.QH.HOTEN": "RelatedPerson.name.text", "A.QH.DIENTHOAI": "RelatedPerson.telecom:home.value",
    "A.QH.DIDONG": "RelatedPerson.telecom:mobile.value", "B6.DIUNG.NGUOIMAC": "FamilyMemberHistory.relationship.text",
    "B6.BENHTAT.NGUOIMAC": "FamilyMemberHistory.relationship.text", "C.MUI.LOAIVACXIN": "Immunization.programEligibility",
    "C.MUI.MAVACXIN": "Immunization.vaccineCode.coding.code", "C.MUI.TENVACXIN": "Immunization.vaccineCode.text",
    "C.MUI.THUTUMUI": "Immunization.protocolApplied.doseNumberPositiveInt", "C.MUI.NGAYTIEM": "Immunization.occurrenceDateTime",
    "C.MUI.PHANUNGSAUTIEM": "Immunization.note.text", "C.MUI.THANGTHAI": MONTH, "D4.DICHVU.MADICHVU": "DiagnosticReport.code.coding", "D4.DICHVU.MANHOM": "DiagnosticReport.category",
    "D4.DICHVU.TENDICHVU": "DiagnosticReport.code.text", "D4.DICHVU.KETQUA": "DiagnosticReport.conclusion",
    "D5.CHANDOANBENH.MABENH": "Condition.code.coding", "D5.CHANDOANBENH.TENBENH": "Condition.code.text", "D5.CHANDOANBENH.KETLUAN": "Condition.note.text",
}  # fmt: skip
_LOINC = re.compile(r"(?:LOINC |Observation\()(\d{3,5}-\d)")
_ICD = re.compile(r"ICD-10 hint ([A-Z]\d\d(?:\.\d)?)(?:-([A-Z]\d\d))?")
_TYPES = {"text": "string", "number": "decimal", "date": "date", "bool": "boolean", "code": "string", "group": "group"}
_LONG = re.compile(r"D3\.|D6\.|B8\.|BENHSU|KETQUA|MOTA|KETLUAN|PHAUTHUAT|PHUKHOA$")


def home(row: Row) -> str:
    """Name the group an item stands in, below its section; "" for the section itself."""
    code = row["item_code"]
    if code.startswith("B2.DSYEUTO."):
        return code.rpartition(".")[0]
    if code == "D.HOSOKHAMCHUABENH":
        return ""
    for head, into in (
        ("A.QH.", "A.QH"), ("B3.DIUNG.", "B3.DIUNG"), ("B3.BENHTAT.", "B3.BENHTAT"), ("B4.KHUYETTAT.", "B4.KHUYETTAT"),
        ("B6.DIUNG.", "B6.DIUNG"), ("B6.BENHTAT.", "B6.BENHTAT"), ("C.MUI.", "C.THONGTINMUITIEM"), ("D4.DICHVU.", "D4.CANLAMSANG"),
        ("D5.CHANDOANBENH.", "D5.CHANDOANBENH"), ("D.", "D.HOSOKHAMCHUABENH"),
    ):  # fmt: skip
        if code.startswith(head):
            return into
    return ""


def PARTS(row: Row) -> Doc:  # noqa: N802  # the one entry
    """Make one row's item."""
    code = row["item_code"]
    section = row["section"]
    if code in _GROUPS:
        return _xml(_GROUPS[code](row), code, "." if _GROUPS[code] is _flat else "")
    if re.fullmatch(r"B2\.DSYEUTO\.\d", code):
        return _risk(row)
    if section in {"C1.co_ban_tre_em", "C2.ngoai_tcmr", "C3.uon_van_phu_nu"}:
        return _dose_row(row)
    if code.startswith("B3.DIUNG."):
        return _allergies(row)
    if code.startswith("B3.BENHTAT."):
        return _disease(row)
    if code.startswith("B4.KHUYETTAT."):
        return _disability(row)
    if code.startswith("D1."):
        return _xml(_vital(row), code)
    return _xml(_where(_rules(_plain(row), row), row), code)


def _xml(doc: Doc, code: str, step: str = "") -> Doc:
    return add(doc, OURS + "form-xml", valueString=step or code.rsplit(".", 1)[-1])


def _plain(row: Row) -> Doc:
    code, type_ = row["item_code"], _TYPES[row["datatype"]]
    vi, en = row["label_vi"], row["label_en"]
    if code in LISTS:
        return control(item(code, "choice", vi, en, answerValueSet=SETS + LISTS[code]), "autocomplete")
    if code in CODED:
        return options(item(code, "choice", vi, en), f"{SYSTEM}/{code}", CODED[code])
    if code.endswith(".TRANGTHAI"):
        return options(item(code, "choice", vi, en), f"{SYSTEM}/status", STATUS)
    if code.endswith(".DABO"):
        return options(item(code, "choice", vi, en), f"{SYSTEM}/quit", QUIT)
    if code in CHOICES:
        words = [(one, one, english(one)) for one in CHOICES[code]]
        return options(item(code, "open-choice", vi, en, repeats=code == "B2.YEUTO_TIEPXUC"), f"{SYSTEM}/{code}", words)
    if row["datatype"] == "text" and _LONG.search(code):
        type_ = "text"
    if type_ == "decimal" and (code.startswith("B7.") or code in {"C.SOMUIUONVANMETIEM", "C.MUI.THUTUMUI", "C.MUI.THANGTHAI"}):
        type_ = "integer"
    return item(code, type_, vi, en, maxLength={"string": 500, "text": 8000}.get(type_))


def _rules(doc: Doc, row: Row) -> Doc:
    code = row["item_code"]
    if code in DIGITS:
        pattern, vi, en = DIGITS[code]
        add(doc, "http://hl7.org/fhir/StructureDefinition/regex", valueString=pattern)
        doc = doc | {"item": [control(item(f"{code}.help", "display", vi, en), "help")]}
    if code in NUMBERS:
        hard, soft, (ucum, shown) = NUMBERS[code]
        limits(doc, hard=hard, soft=soft)
        doc = unit(doc, ucum, shown) if ucum else doc
    elif row["datatype"] == "number" and code.startswith("B7."):
        limits(doc, hard=(0, 30), soft=(None, 12))
    if row["datatype"] == "date":
        limits(doc, hard=("1890-01-01", None))
        if not code.endswith("NGAYHENTIEM"):
            constraint(doc, "not-future", "answer.value <= today()", "Ngày ở tương lai.", "The day lies in the future.")
    if code in FILLED:
        doc = initial(doc, FILLED[code])
    if code == "A.HOTEN":
        doc = doc | {"required": True}
    if code.startswith("B2.DSYEUTO.") and code.endswith(("SOLUONG", "TANSUAT")):
        doc = when(doc, f"{code.rsplit('.', 1)[0]}.TRANGTHAI", "!=", answerCoding={"system": f"{SYSTEM}/status", "code": "0"})
    return doc


def _where(doc: Doc, row: Row) -> Doc:
    """Say where the answer goes in FHIR."""
    code, mapping = row["item_code"], row["fhir_mapping"]
    if code in DIRECTLY:
        return defines(doc, DIRECTLY[code])
    if code in {"B1.DETHIEUTHANG", "B1.BINGATLUCDE"}:
        icd, shown = {"B1.DETHIEUTHANG": ("P07.3", "Trẻ đẻ non tháng khác"), "B1.BINGATLUCDE": ("P21", "Ngạt khi đẻ")}[code]
        return _condition(doc, icd, shown)
    if code == "B1.DITATBAMSINH":
        return defines(_condition(doc), "Condition.code.text")
    if code == "B5.TIENSU_PHAUTHUAT":
        return defines(context(doc, "Procedure", {"status": {"valueCode": "completed"}}), "Procedure.code.text")
    if code == "D6.TUVAN":
        return defines(context(doc, "CarePlan", {"status": {"valueCode": "completed"}, "intent": {"valueCode": "plan"}}), "CarePlan.description")
    if row["section"].startswith("A."):
        return defines(doc, _patient_path(mapping)) if mapping.startswith("Patient") and _patient_path(mapping) else _observe(doc, row)
    return _observe(doc, row)


def _patient_path(mapping: str) -> str:
    found = re.match(r"(Patient(?:\.[a-z][A-Za-z]+)+)", mapping)
    return found[1] if found else ""


def _observe(doc: Doc, row: Row) -> Doc:
    code, mapping = row["item_code"], row["fhir_mapping"]
    if "Observation" not in mapping and not mapping.startswith(("Composition", "Patient.extension")):
        return doc
    if mapping.startswith("Patient"):
        return doc
    found = _LOINC.search(mapping)
    category = "exam" if code.startswith(("D3.", "D0.", "D.")) else "social-history" if code.startswith(("B2.", "A.")) else "survey"
    how = "component" if code.startswith(("B2.DSYEUTO.", "D2.")) else ""
    fills = "100 a" if code.startswith(("A.NHOMMAU", "B1.")) else ""
    doc = observed(doc, *([found[1]] if found else []), how=how, category="" if how else category, fills=fills)
    doc["code"].append({"system": SYSTEM, "code": code, "display": row["label_vi"]})
    return doc


def _condition(doc: Doc, icd: str = "", shown: str = "", category: str = "problem-list-item") -> Doc:
    fixed: dict[str, Any] = {
        "clinicalStatus": {"valueCodeableConcept": {"coding": [{"system": f"{CATEGORY}condition-clinical", "code": "active"}]}},
        "category": {"valueCodeableConcept": {"coding": [{"system": f"{CATEGORY}condition-category", "code": category}]}},
    }
    if icd:
        fixed["code.coding"] = {"valueCoding": {"system": ICD10, "code": icd, "display": shown}}
        fixed["code.text"] = {"valueString": shown}
    elif shown:
        fixed["code.text"] = {"valueString": shown}
    return context(doc, "Condition", fixed, {"recordedDate": "%authored"})


def _allergies(row: Row) -> Doc:
    """A table of allergies of one kind: code, name, what happens."""
    code = row["item_code"]
    if code == "B3.DIUNG":
        return _xml(group(code, row["label_vi"], row["label_en"], []), code, ".")
    kind = code[-1]
    category, _ = ALLERGIES[kind]
    cells = [
        _xml(defines(item(f"{code}.MASO", "string", "Mã số", "Code", maxLength=50), "AllergyIntolerance.code.coding.code"), "MASO"),
        _xml(defines(item(f"{code}.TEN", "string", "Tên", "Name", maxLength=500), "AllergyIntolerance.code.text"), "TEN"),
        _xml(defines(item(f"{code}.MOTA", "string", "Mô tả", "What happens", maxLength=2000), "AllergyIntolerance.note.text"), "MOTA"),
    ]
    fixed: dict[str, Any] = {
        "clinicalStatus": {"valueCodeableConcept": {"coding": [{"system": f"{CATEGORY}allergyintolerance-clinical", "code": "active"}]}},
        "category": {"valueCode": category},
    }
    coded = f"%context.item.where(linkId='{code}.MASO').exists()"
    said = {"recordedDate": "%authored", "code.coding.system": f"iif({coded}, '{SYSTEM}/allergy', {{}})"}
    doc = context(group(code, row["label_vi"], row["label_en"], cells, repeats=True), "AllergyIntolerance", fixed, said)
    return _xml(doc, code, f"DIUNG[LOAI={kind}]")


def _disease(row: Row) -> Doc:
    """One disease of the fifteen: yes or no, and words."""
    code = row["item_code"]
    number = code.rpartition("=")[2]
    hint = _ICD.search(row["value_set"])
    yes = item(f"{code}.TRANGTHAI", "boolean", row["label_vi"], row["label_en"])
    words = defines(
        item(f"{code}.MOTA", "string", "Ghi rõ", "Specify", maxLength=2000), "Condition.note.text" if number != "15" else "Condition.code.text"
    )
    words = when(_xml(words, "MOTA"), f"{code}.TRANGTHAI", "=", answerBoolean=True)
    icd = hint[1] if hint and not hint[2] else ""
    shown = row["label_vi"] if number != "15" else ""
    yes = _xml(_condition(yes, icd, shown), "TRANGTHAI")
    if not icd and shown:
        # The range is a hint: no code of one disease may be claimed for "cardiovascular"; the decision's own number says which line it is.
        kind = {"definition": "code.coding", "value": {"valueCoding": {"system": f"{SYSTEM}/LOAIBENH", "code": number, "display": shown}}}
        yes = _more(yes, "Condition", str(kind["definition"]), kind["value"])
    yes["item"] = [words]
    return _xml(group(code, row["label_vi"], row["label_en"], [yes]), code, f"BENHTAT[LOAIBENH={number}]")


def _more(doc: Doc, rtype: str, where: str, value: Any) -> Doc:  # noqa: ANN401  # a FHIR value
    canonical = f"http://hl7.org/fhir/StructureDefinition/{rtype}#{rtype}.{where}"
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-definitionExtractValue"
    return add(doc, url, extension=[{"url": "definition", "valueUri": canonical}, {"url": "fixed-value", **value}])


def _disability(row: Row) -> Doc:
    code = row["item_code"]
    number = code.rpartition("=")[2]
    words = item(f"{code}.MOTA", "string", row["label_vi"], row["label_en"], maxLength=2000)
    words = defines(_condition(words, "", f"Khuyết tật: {row['label_vi']}"), "Condition.note.text")
    words = _more(words, "Condition", "code.coding", {"valueCoding": {"system": f"{SYSTEM}/KHUYETTAT", "code": number, "display": row["label_vi"]}})
    return _xml(group(code, row["label_vi"], row["label_en"], [_xml(words, "MOTA")]), code, f"KHUYETTAT[LOAI={number}]")


def _vital(row: Row) -> Doc:
    code = row["item_code"]
    loinc = _LOINC.search(row["fhir_mapping"].replace("85354-9/", ""))
    if code == "D1.CHISOBMI":
        return bmi(code, "D1.CANNANG", "D1.CHIEUCAO")
    known = {one[5]: one for one in SIGNS} | {one[3]: ("", "", "", "mm[Hg]", "mmHg", one[3], one[4], one[5], "integer") for one in PRESSURE}
    sign = known[loinc[1] if loinc else ""]
    return measured((code, row["label_vi"], row["label_en"], *sign[3:]))


def _dose_row(row: Row) -> Doc:
    """A pre-printed line of the vaccination pages: not yet, day given, reaction, next day."""
    code, label = row["item_code"], row["label_vi"].removeprefix("Ô in sẵn: ")
    day = defines(item(f"{code}.NGAYTIEM", "date", "Đã tiêm ngày", "Given on"), "Immunization.occurrenceDateTime")
    constraint(day, "not-future", "answer.value <= today()", "Ngày ở tương lai.", "The day lies in the future.")
    cells = [_xml(item(f"{code}.CHUATIEM", "boolean", "Chưa tiêm", "Not given"), "CHUATIEM"), _xml(day, "NGAYTIEM")]
    if code.startswith("C3."):
        month = limits(item(f"{code}.THANGTHAI", "integer", "Tháng thai", "Month of pregnancy"), hard=(1, 10))
        cells.append(_xml(defines(month, MONTH), "THANGTHAI"))
    reaction = defines(item(f"{code}.PHANUNG", "string", "Phản ứng sau tiêm", "Reaction", maxLength=500), "Immunization.note.text")
    cells += [_xml(reaction, "PHANUNGSAUTIEM"), _xml(item(f"{code}.NGAYHEN", "date", "Ngày hẹn tiêm", "Next appointment"), "NGAYHENTIEM")]
    no_day = f"%context.item.where(linkId='{code}.NGAYTIEM').empty()"
    said = {"status": f"iif({no_day}, 'not-done', 'completed')", "occurrenceString": f"iif({no_day}, 'chưa tiêm', {{}})", "recorded": "%authored"}
    fixed: dict[str, Any] = {"vaccineCode.text": {"valueString": label}}
    if code.startswith("C3."):
        said |= _month(f"{code}.THANGTHAI")
        fixed["protocolApplied.doseNumberPositiveInt"] = {"valuePositiveInt": int(code[-1])}
    doc = context(
        group(code, label, row["label_en"].removeprefix("Pre-printed row: "), cells, repeats=row["repeats"] == "yes"), "Immunization", fixed, said
    )
    return _xml(doc, code, f"MUI[MAVACXIN={code.partition('.')[2]}]")


def _month(link_id: str) -> dict[str, str]:
    """The month of pregnancy at a dose: R4 has no element for it, an extension of ours says it."""
    return {"extension:month.url": f"iif(%context.item.where(linkId='{link_id}').exists(), '{OURS}pregnancy-month', {{}})"}


def _relatives(row: Row) -> Doc:
    doc = group(row["item_code"], row["label_vi"], row["label_en"], [], repeats=True)
    guard = "%context.item.where(linkId='A.QH.GIAMHO').answer.value = true"
    number = "%context.item.where(linkId='A.QH.MADINHDANH').exists()"
    phone = "%context.item.where(linkId='A.QH.{}').exists()"
    said = {
        "relationship:guard.coding.system": f"iif({guard}, '{CATEGORY}v3-RoleCode', {{}})",
        "relationship:guard.coding.code": f"iif({guard}, 'GUARD', {{}})",
        "identifier.system": f"iif({number}, 'https://yba.vn/id/cccd', {{}})",
        "telecom:home.system": f"iif({phone.format('DIENTHOAI')}, 'phone', {{}})",
        "telecom:mobile.system": f"iif({phone.format('DIDONG')}, 'phone', {{}})",
        "telecom:mobile.use": f"iif({phone.format('DIDONG')}, 'mobile', {{}})",
    }
    return context(doc, "RelatedPerson", {"active": {"valueBoolean": True}}, said)


def _family(row: Row) -> Doc:
    code = row["item_code"]
    kinds = (
        [(number, words.capitalize(), english(words.capitalize())) for number, (_, words) in ALLERGIES.items()] if code == "B6.DIUNG" else DISEASES
    )
    field = "LOAI" if code == "B6.DIUNG" else "LOAIBENH"
    kind = options(item(f"{code}.{field}", "choice", "Loại", "Kind"), f"{SYSTEM}/{field}", kinds)
    name = item(f"{code}.TEN", "string", "Tên", "Name", maxLength=500)
    cells = [
        _xml(defines(kind, "FamilyMemberHistory.condition.code.coding"), field),
        _xml(defines(name, "FamilyMemberHistory.condition.code.text"), "TEN"),
    ]
    doc = group(code, row["label_vi"], row["label_en"], cells, repeats=True)
    return context(doc, "FamilyMemberHistory", {"status": {"valueCode": "partial"}}, {"date": "%authored"})


DISEASES = [
    (str(number), vi, english(vi)) for number, vi in enumerate(
        ("Tim mạch", "Tăng huyết áp", "Đái tháo đường", "Dạ dày", "Phổi mạn tính", "Hen suyễn", "Bướu cổ", "Viêm gan", "Tim bẩm sinh", "Tâm thần",
         "Tự kỷ", "Động kinh", "Ung thư", "Lao", "Khác"), 1)
]  # fmt: skip


def _doses(row: Row) -> Doc:
    doc = group(row["item_code"], row["label_vi"], row["label_en"], [], repeats=True)
    given = "%context.item.where(linkId='C.MUI.TRANGTHAI').answer.value.code"
    no_day = "%context.item.where(linkId='C.MUI.NGAYTIEM').empty()"
    said = {
        "status": f"iif({given} = '0', 'not-done', 'completed')",
        "occurrenceString": f"iif({no_day}, iif({given} = '0', 'chưa tiêm', 'không rõ ngày'), {{}})",
        "recorded": "%authored",
        **_month("C.MUI.THANGTHAI"),
    }
    return context(doc, "Immunization", None, said)


def _tests(row: Row) -> Doc:
    doc = group(row["item_code"], row["label_vi"], row["label_en"], [], repeats=True)
    return context(doc, "DiagnosticReport", {"status": {"valueCode": "final"}}, {"effectiveDateTime": "%authored"})


def _diagnoses(row: Row) -> Doc:
    del row
    doc = group("D5.CHANDOANBENH", "Chẩn đoán", "Diagnoses", [], repeats=True)
    return _condition(doc, category="encounter-diagnosis")


def _risk(row: Row) -> Doc:
    """One risk: its parts are components of one Observation."""
    code = row["item_code"]
    number = code[-1]
    vi, en, loinc = RISKS[number]
    doc = group(code, vi, en, [])
    doc = observed(doc, *([loinc] if loinc else []), category="social-history")
    doc["code"].append({"system": SYSTEM, "code": code, "display": vi})
    status, quit_ = (f"item.where(linkId='{code}.{name}').answer.value.code" for name in ("TRANGTHAI", "DABO"))
    if number != "4":
        constraint(doc, "never-used", f"{quit_} = '0' implies ({status}.empty() or {status} = '0')",
                   "“Không dùng” thì tình trạng phải là “Không”.", "Never used means: no.")  # fmt: skip
    return _xml(doc, code, f"DSYEUTO[LOAI={number}]")


RISKS = {
    "1": ("Hút thuốc lá, thuốc lào", "Tobacco", "72166-2"),
    "2": ("Uống rượu bia thường xuyên", "Alcohol", "11331-6"),
    "3": ("Sử dụng ma túy thường xuyên", "Drugs", ""),
    "4": ("Hoạt động thể lực", "Physical activity", ""),
}


def _visit(row: Row) -> Doc:
    """One form is one visit: the table's repetition is of whole forms."""
    return group(row["item_code"], row["label_vi"], row["label_en"], [])


def _flat(row: Row) -> Doc:
    return group(row["item_code"], row["label_vi"], row["label_en"], [])


_GROUPS = {
    "A.QH": _relatives, "B2.DSYEUTO": _flat, "B3.BENHTAT": _flat, "B4.KHUYETTAT": _flat, "B6.DIUNG": _family, "B6.BENHTAT": _family,
    "C.THONGTINMUITIEM": _doses, "D4.CANLAMSANG": _tests, "D5.CHANDOANBENH": _diagnoses, "B3.DIUNG": _flat, "D.HOSOKHAMCHUABENH": _visit,
}  # fmt: skip
