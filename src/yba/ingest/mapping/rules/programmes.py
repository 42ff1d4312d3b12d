"""XML6 (HIV) and XML15 (tuberculosis): the episode of care, the condition, the treatment courses and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.ingest.mapping.words import keep_order, words
from yba.specs import systems

if TYPE_CHECKING:
    from yba.ingest.mapping.context import Context
    from yba.ingest.mapping.model import Doc, Row

POSITIVE: Final = "positive"
INFECTED: Final = "1"
ACTIVE: Final = {"coding": [{"system": systems.system("condition-clinical"), "code": "active"}]}
HIV: Final = ("hiv",)
ENDS: Final = {"tb": "NGAYKT_DTRI_LAO", "treatment": "NGAYKT_DTRI_LAO", "arv": "NGAY_KET_THUC_XU_TRI"}
COURSES: Final = {"tb": "Điều trị lao", "treatment": "Điều trị lao", "arv": "ARV", "ctx": "Cotrimoxazol"}
RESULT: Final = {"tb": "KQ_DTRI_LAO", "treatment": "KET_QUA_DTRI_LAO"}
TESTS: Final = ("tb-screening", "viral-load", "pcr", "stage")


def hiv_kind(_context: Context, row: Row) -> str:
    """Tell an infected person from an exposed child or a person on prophylaxis."""
    group = row.get("MA_LOAI_BN", "").strip()
    return POSITIVE if group == INFECTED or (not group and "NGAYKD_HIV" in row) else ""


def finish(context: Context, row: Row, docs: dict[str, Doc], over: dict[str, str]) -> None:
    """Hand in everything of one programme row."""
    episode = docs["episode"]
    place = context.reference("organization", context.facility)
    if place:
        episode["managingOrganization"] = place
    course = docs.get("treatment")
    if course is not None and "start" in course.get("effectivePeriod", {}):
        episode["period"] = {"start": course["effectivePeriod"]["start"]}
    has_hiv = row.get("PHANLOAI_LAO_HIV", "").strip() == INFECTED or any(name in docs for name in ("hiv", "arv"))
    also = HIV if context.table == "XML15" and has_hiv else ()
    context.add(episode, also)
    for name in ("condition", "hiv"):
        _condition(context, row, name, docs.get(name))
    for name in COURSES:
        _course(context, row, name, docs.get(name), over)
    for name in TESTS:
        _test(context, docs.get(name))


def _condition(context: Context, row: Row, name: str, doc: Doc | None) -> None:
    if doc is None:
        return
    doc["clinicalStatus"] = ACTIVE
    if context.table == "XML15" and name == "condition":
        code = doc.setdefault("code", {})
        code["text"] = words("tb-site").get(row.get("PHANLOAI_LAO_VITRI", "").strip(), "Lao")
    context.add(doc, HIV if name == "hiv" else ())


def _course(context: Context, row: Row, name: str, doc: Doc | None, over: dict[str, str]) -> None:
    if doc is None:
        return
    keep_order(doc.get("effectivePeriod"), ENDS.get(name, ""), row, over)
    if "medicationCodeableConcept" not in doc:
        doc["medicationCodeableConcept"] = {"text": COURSES[name]}
    if name in RESULT:
        ended = words("tb-result")[context.table].get(row.get(RESULT[name], "").strip())
        if ended:
            doc["status"] = ended
    context.add(doc, HIV if context.table == "XML15" and name in {"arv", "ctx"} else ())


def _test(context: Context, doc: Doc | None) -> None:
    if doc is not None:
        doc.setdefault("effectiveDateTime", context.start_text)
        context.add(doc)
