"""QĐ 831/QĐ-BYT as four Questionnaires, made of every row of the gathered table: personal data, history, vaccinations, one visit."""

from __future__ import annotations

import csv
from pathlib import Path

from tools.forms.ehr831_parts import PARTS, SECTIONS, SYSTEM, home
from tools.forms.known_rows import populate
from tools.forms.maker import OURS, SDC, Doc, add, group, observed, path, questionnaire
from tools.forms.shared import FEMALE
from tools.forms.vitals import pressure

SOURCE = Path("/work/shared/spec/ehr-831.csv")
FORMS = {
    "A": ("ehr-831-personal", "Hồ sơ quản lý sức khỏe – A. Thông tin hành chính", "Health record – A. Personal data"),
    "B": ("ehr-831-history", "Hồ sơ quản lý sức khỏe – B. Tiền sử và yếu tố nguy cơ", "Health record – B. History and risk factors"),
    "C": ("ehr-831-vaccination", "Hồ sơ quản lý sức khỏe – C. Tiêm chủng", "Health record – C. Vaccinations"),
    "D": ("ehr-831-visit", "Hồ sơ quản lý sức khỏe – D. Khám lâm sàng và cận lâm sàng", "Health record – D. Examination"),
}


def rows(source: Path = SOURCE) -> list[dict[str, str]]:
    """Read the gathered table."""
    with source.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def forms(source: Path = SOURCE) -> list[Doc]:
    """Make the four forms."""
    found = rows(source)
    return [_form(letter, [row for row in found if row["section"].startswith(letter)]) for letter in FORMS]


def _form(letter: str, found: list[dict[str, str]]) -> Doc:
    name, vi, en = FORMS[letter]
    items = [_section(section, [row for row in found if row["section"] == section]) for section in dict.fromkeys(row["section"] for row in found)]
    return questionnaire(
        name, "1", vi, en, populate(items), start="2018-01-01",
        source="QĐ 831/QĐ-BYT 11/3/2017 (mẫu hồ sơ quản lý sức khỏe cá nhân): shared/spec/ehr-831.csv of 2026-11; limits and wording: yba",
    )  # fmt: skip


def _section(section: str, found: list[dict[str, str]]) -> Doc:
    vi, en = SECTIONS[section]
    top: list[Doc] = []
    for row in found:
        into = home(row)
        target = top if not into else _group(top, into).setdefault("item", [])
        target.append(PARTS(row))
    doc = group(section, vi, en, _pressure(top) if section.startswith("D1") else top)
    if section.startswith("D2"):  # with or without glasses, right, left: one observation
        doc = observed(doc, category="exam")
        doc["code"] = [{"system": SYSTEM, "code": section, "display": vi}]
    if section.startswith("B7"):
        add(doc, SDC + "enableWhenExpression", valueExpression=path(FEMALE))
    return add(doc, OURS + "form-xml", valueString=section.partition(".")[2].upper())


def _group(docs: list[Doc], link_id: str) -> Doc:
    """Find the group that items belong to; one that the table does not name itself is made."""
    level = docs
    if link_id.startswith("B2.DSYEUTO."):
        level = _group(docs, "B2.DSYEUTO").setdefault("item", [])
    known = next((doc for doc in level if doc["linkId"] == link_id), None)
    if known is None:
        blank = dict.fromkeys(("label_vi", "label_en", "value_set", "fhir_mapping", "section"), "")
        known = PARTS({**blank, "item_code": link_id, "datatype": "group", "repeats": "yes"})
        level.append(known)
    return known


def _pressure(docs: list[Doc]) -> list[Doc]:
    """Put the two numbers of the blood pressure into one observation."""
    names = ("D1.HUYETAPTT", "D1.HUYETAPTD")
    steps = {doc["linkId"]: doc for doc in docs}
    made = add(pressure("D1.HUYETAP", *names), OURS + "form-xml", valueString=".")
    for part in made["item"]:
        part["text"], part["_text"] = steps[part["linkId"]]["text"], steps[part["linkId"]]["_text"]
        add(part, OURS + "form-xml", valueString=part["linkId"].rpartition(".")[2])
    return [made if doc["linkId"] == names[0] else doc for doc in docs if doc["linkId"] != names[1]]
