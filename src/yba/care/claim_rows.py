"""What a visit says as rows of the claims tables, by the names of an edition; pure: the inverse of what the gateway makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from yba.specs import care_desk, systems

from . import claim_money, shapes
from .claim_lines import EXAM_ROOM, charged
from .claim_words import at, code_of, number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from yba.specs.claims import Edition

    from .claim_money import Payment
    from .claim_words import Content

Doc = dict[str, Any]
Row = dict[str, str]
_SEX: Final = {"male": "1", "female": "2"}
_NOT_SAID: Final = "7"  # KET_QUA_DTRI: not determined
_LEFT, _REFERRED = "1", "2"  # MA_LOAI_RV: discharged, referred for what the facility cannot do


def rows(content: Content, shape: Edition) -> dict[str, list[Row]]:
    """Return the rows of each table that has content, with the columns this edition knows."""
    lines = charged(content)
    drugs, services = ([one.row for one in listed if one.row] for listed in (lines.drugs, lines.services))
    made = {
        "XML1": [_header(content, lines.pays) | claim_money.totals(drugs, services)],
        "XML2": drugs,
        "XML3": services,
        "XML4": _results(content),
        "XML5": _notes(content),
    }
    found = {}
    for name, listed in made.items():
        known = shape.tables[name].by_field
        numbered = [{"MA_LK": content.visit.link, "STT": str(number)} | one for number, one in enumerate(listed, 1)]
        kept = [{field: value for field, value in row.items() if field in known and value} for row in numbered]
        if listed:
            found[name] = kept
    return found


def _outcome(content: Content) -> str:
    """KET_QUA_DTRI as it was said when the visit was closed; not determined where nobody said it."""
    encounter = next(iter(content.of("Encounter")), {})
    return next((one["valueCode"] for one in encounter.get("extension", ()) if one.get("url") == systems.extension("outcome")), _NOT_SAID)


def _header(content: Content, pays: Payment) -> Row:
    visit, over = content.visit, content.visit.closed_at or content.visit.opened_at
    row = _person(content.patient) | {"MA_BN": content.local_id, "MA_CSKCB": visit.facility, "MA_HSBA": visit.link[-12:]}
    row |= _coded(content) | {
        "LY_DO_VV": visit.reason or care_desk.visit_kinds()[visit.kind].vi,
        "NGAY_VAO": at(visit.opened_at), "NGAY_RA": at(over), "SO_NGAY_DTRI": "0" if over.date() == visit.opened_at.date() else "1",
        "KET_QUA_DTRI": _outcome(content), "MA_LOAI_RV": _REFERRED if _is_referred(content) else _LEFT,
        "NAM_QT": str(over.year), "THANG_QT": f"{over.month:02d}",
        "MA_LOAI_KCB": care_desk.visit_kinds()[visit.kind].visit_type, "MA_KHOA": visit.department or EXAM_ROOM,
        "CAN_NANG": _measured(content, "weight"), "DU_PHONG": _measured(content, "height"),
        "NGAY_TAI_KHAM": ";".join(_revisits(content)), "MA_DOITUONG_KCB": pays.object,
    }  # fmt: skip
    return row


def _is_referred(content: Content) -> bool:
    return any(one.get("category") == shapes.REFERRAL for one in content.of("ServiceRequest"))


def _person(patient: Doc) -> Row:
    name = next((one.get("text", "") for one in patient.get("name", ())), "")
    address: Doc = next(iter(patient.get("address", ())), {})
    codes = {
        part["url"]: part.get("valueCoding", {}).get("code", "")
        for one in address.get("extension", ())
        if one.get("url") == systems.extension("address-code")
        for part in one.get("extension", ())
    }
    birth = str(patient.get("birthDate", "")).replace("-", "")
    told = {one.get("url"): one.get("valueCoding", {}).get("code", "") for one in patient.get("extension", ())}
    return {
        "HO_TEN": name, "SO_CCCD": number_of(patient, "citizen"), "NGAY_SINH": f"{birth:0<12}" if birth else "",
        "GIOI_TINH": _SEX.get(patient.get("gender", ""), "3"), "MA_DANTOC": told.get(systems.extension("ethnicity"), ""),
        "MA_NGHE_NGHIEP": told.get(systems.extension("occupation"), ""), "DIA_CHI": address.get("text", ""),
        "MATINH_CU_TRU": codes.get("province", ""), "MAHUYEN_CU_TRU": codes.get("district", ""), "MAXA_CU_TRU": codes.get("commune", ""),
        "DIEN_THOAI": next((one.get("value", "") for one in patient.get("telecom", ()) if one.get("system") == "phone"), ""),
        "MA_THE_BHYT": number_of(patient, "card"),
    }  # fmt: skip


def _coded(content: Content) -> Row:
    encounter = next(iter(content.of("Encounter")), {})
    conditions = {f"Condition/{one['id']}": one["code"] for one in content.of("Condition")}
    listed = [conditions[ref] for one in encounter.get("diagnosis", ()) if (ref := one["condition"].get("reference", "")) in conditions]
    if not listed:
        return {}
    first, others = listed[0], listed[1:]
    return {
        "MA_BENH_CHINH": code_of(first, "icd10"), "CHAN_DOAN_RV": first.get("text", ""), "CHAN_DOAN_VAO": first.get("text", ""),
        "MA_BENH_KT": ";".join(code_of(one, "icd10") for one in others),
    }  # fmt: skip


def _measured(content: Content, name: str) -> str:
    """The value taken last."""
    loinc = care_desk.vitals()[name].loinc
    found = [str(one["valueQuantity"]["value"]) for one in content.of("Observation") if _is(one, loinc)]
    return found[-1] if found else ""


def _is(observation: Doc, loinc: str) -> bool:
    return any(one.get("code") == loinc for one in observation["code"].get("coding", ()))


def _revisits(content: Content) -> list[str]:
    return [one["requestedPeriod"][0]["start"].replace("-", "") for one in content.of("Appointment")]


def _results(content: Content) -> list[Row]:
    observations = {f"Observation/{one['id']}": one for one in content.of("Observation")}
    made = []
    for report in content.of("DiagnosticReport"):
        code = code_of(report["code"], "service")
        listed = [observations[one["reference"]] for one in report.get("result", ()) if one["reference"] in observations]
        shared = {"MA_DICH_VU": code, "NGAY_KQ": at(report["effectiveDateTime"]), "MA_BS_DOC_KQ": content.licence(report, "performer")}
        made += [shared | _value(one) for one in listed]
        if not listed:
            said = {"TEN_CHI_SO": report["code"].get("text", ""), "MO_TA": report.get("conclusion", ""), "KET_LUAN": report.get("conclusion", "")}
            made.append(shared | said)
        elif "conclusion" in report:
            made[-1]["KET_LUAN"] = report["conclusion"]
    return made


def _value(one: Doc) -> Row:
    amount = one.get("valueQuantity", {})
    value = str(amount["value"]) if "value" in amount else one.get("valueString", "")
    return {"TEN_CHI_SO": one["code"].get("text", ""), "GIA_TRI": value, "DON_VI_DO": amount.get("unit", "")}


def _notes(content: Content) -> list[Row]:
    """One progress note for each moment at which vital signs were taken (CSST<…> of QĐ 4750)."""
    signs: dict[str, list[Doc]] = {}
    for one in content.of("Observation"):
        if any(part.get("code") == "vital-signs" for group in one.get("category", ()) for part in group.get("coding", ())):
            signs.setdefault(one["effectiveDateTime"], []).append(one)
    made = []
    for when, listed in signs.items():
        told = "_".join(_signs(listed))
        if told:
            made.append({"DIEN_BIEN_LS": f"CSST<{told}>", "THOI_DIEM_DBLS": at(when), "NGUOI_THUC_HIEN": content.licence(listed[0], "performer")})
    return made


def _signs(listed: Iterable[Doc]) -> Iterator[str]:
    pressure = next((one for one in listed if "component" in one), None)
    if pressure is not None:
        taken = {part["code"]["coding"][0]["code"]: part["valueQuantity"]["value"] for part in pressure["component"]}
        high, low = (taken.get(care_desk.vitals()[name].loinc) for name in ("systolic", "diastolic"))
        if high is not None and low is not None:
            yield f"HA{high}/{low}"
    known = {one.loinc: one.sign for one in care_desk.vitals().values() if one.sign}
    for one in listed:
        sign = known.get(one["code"].get("coding", [{}])[0].get("code", ""))
        if sign:
            yield f"{sign}{one['valueQuantity']['value']}"
