"""Which repeating groups of QĐ 831 are filled from the record: what fills a row, and where each question of the row finds its answer."""

from __future__ import annotations

from tools.forms.ehr831_parts import ALLERGIES, SYSTEM
from tools.forms.maker import Doc, populated

_REFUTED = "verificationStatus.coding.where(code = 'refuted' or code = 'entered-in-error').empty()"
_STANDS = f"(clinicalStatus.empty() or clinicalStatus.coding.where(code = 'active').exists()) and {_REFUTED}"
_NAMED = "iif(%row.{0}.text.exists(), %row.{0}.text, %row.{0}.coding.display.first())"
_KINDS = ("Cha", "Mẹ", "Người chăm sóc", "Người giám hộ", "Vợ/chồng", "Con")
_RELATION = " | ".join(f"'{one}'" for one in _KINDS)


def _allergies(code: str, category: str) -> tuple[str, dict[str, str]]:
    cells = {
        f"{code}.MASO": f"%row.code.coding.where(system = '{SYSTEM}/allergy').code.first()",
        f"{code}.TEN": _NAMED.format("code"),
        f"{code}.MOTA": "%row.note.text.first()",
    }
    return f"%allergies.where(category.where($this = '{category}').exists() and {_STANDS})", cells


def _family(code: str, field: str, other: str) -> tuple[str, dict[str, str]]:
    """Diseases and allergies in a family: which of the two the code of our own form says; what no form of ours wrote is a disease."""
    ours = f"condition.code.coding.where(system = '{SYSTEM}/{field}')"
    which = f"{ours}.exists()" if field == "LOAI" else f"condition.exists() and condition.code.coding.where(system = '{SYSTEM}/{other}').empty()"
    cells = {
        f"{code}.{field}": f"%row.{ours}.first()",
        f"{code}.TEN": "%row.condition.code.text.first()",
        f"{code}.NGUOIMAC": _NAMED.format("relationship"),
    }
    return f"%family.where({which})", cells


# Link id of the group -> (what fills its rows, where each question finds its answer).
POPULATED: dict[str, tuple[str, dict[str, str]]] = {
    **{f"B3.DIUNG.LOAI={number}": _allergies(f"B3.DIUNG.LOAI={number}", category) for number, (category, _) in ALLERGIES.items()},
    "B6.DIUNG": _family("B6.DIUNG", "LOAI", ""),
    "B6.BENHTAT": _family("B6.BENHTAT", "LOAIBENH", "LOAI"),
    "C.THONGTINMUITIEM": (
        "%immunizations.where(status = 'completed')",
        {
            "C.MUI.LOAIVACXIN": "%row.programEligibility.first()",
            "C.MUI.MAVACXIN": "%row.vaccineCode.coding.code.first()",
            "C.MUI.TENVACXIN": _NAMED.format("vaccineCode"),
            "C.MUI.THUTUMUI": "%row.protocolApplied.doseNumber.first()",
            "C.MUI.TRANGTHAI": "'1'",
            "C.MUI.NGAYTIEM": "%row.occurrence.ofType(dateTime).toString().substring(0, 10)",
            "C.MUI.PHANUNGSAUTIEM": "%row.note.text.first()",
        },
    ),
    "A.QH": (
        "%relatives.where(active.empty() or active = true)",
        {
            "A.QH.LOAI_QUANHE": f"%row.relationship.text.where($this in ({_RELATION})).first()",
            "A.QH.TEN_QUANHE": f"%row.relationship.text.where(($this in ({_RELATION})).not()).first()",
            "A.QH.MADINHDANH": "%row.identifier.where(system = 'https://yba.vn/id/cccd').value.first()",
            "A.QH.HOTEN": "%row.name.text.first()",
            "A.QH.DIENTHOAI": "%row.telecom.where(system = 'phone' and use.empty()).value.first()",
            "A.QH.DIDONG": "%row.telecom.where(use = 'mobile').value.first()",
            "A.QH.GIAMHO": "iif(%row.relationship.coding.where(code = 'GUARD').exists(), true, {})",
        },
    ),
}  # fmt: skip


def populate(docs: list[Doc]) -> list[Doc]:
    """Let the groups of a form that have a line here be filled from the record."""
    for doc in docs:
        if doc["linkId"] in POPULATED:
            text, cells = POPULATED[doc["linkId"]]
            missing = cells.keys() - {one["linkId"] for one in doc["item"]}
            if missing:
                message = f"{doc['linkId']}: no such question: {sorted(missing)}"
                raise ValueError(message)
            populated(doc, "row", text, cells)
        populate(doc.get("item", []))
    return docs
