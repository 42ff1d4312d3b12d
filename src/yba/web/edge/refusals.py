"""What somebody is told who may not, asked for what is not there, or gave what cannot be: what, why, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.access import Denied, Right
from yba.specs import access as specs
from yba.web import shell
from yba.web.words import FIRST

from .told import words

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.kit.errors import YbaError

    from .visit import Visit

_SOON: Final = 30  # seconds: one count of the queue takes a few


def refused(visit: Visit, error: YbaError, person: UUID | None) -> HttpResponse:
    """Tell which right is missing and how to ask; at a person's record lead to emergency access, for who may open one."""
    right = error.right if isinstance(error, Denied) else None
    said = words(error, visit.lang)
    spec = specs.rights()[right.value] if right else None
    unrelated = person is not None and right is Right.RECORD_CLINICAL_READ
    law = spec.law if spec else ""
    glass = f"/record/{person}/emergency" if unrelated and visit.may(Right.RECORD_CLINICAL_BREAK_GLASS) else ""
    return shell.answer(
        visit,
        "refused",
        status=403,
        said=said,
        code=right.value if right else "",
        law=_in_vietnamese(law) if visit.lang == FIRST else _in_english(law),
        unrelated=unrelated,
        glass=glass,
        begins=str(person) if unrelated and visit.may(Right.CARE_VISIT_WRITE) else "",
        place=next(iter(sorted(visit.by.facilities or ())), ""),
    )


def _in_vietnamese(law: str) -> str:
    """A place in the law as Vietnamese readers write it: "Law 15/2023 art. 10" -> "Luật 15/2023 Đ10"."""
    return law.replace("Law ", "Luật ").replace("art. ", "Đ")


def _in_english(law: str) -> str:
    """The same for English readers: "NĐ 102/2025 art. 6" -> "Decree 102/2025 art. 6"."""
    return law.replace("NĐ ", "Decree ").replace("QĐ ", "Decision ").replace("TT ", "Circular ")


def missing(visit: Visit, error: YbaError) -> HttpResponse:
    """Tell that there is nothing here."""
    return shell.answer(visit, "message", status=404, kind="missing", said=words(error, visit.lang))


def wrong(visit: Visit, error: YbaError) -> HttpResponse:
    """Tell what cannot be accepted."""
    return shell.answer(visit, "message", status=400, kind="wrong", said=words(error, visit.lang))


def wanting(visit: Visit, error: YbaError) -> HttpResponse:
    """Tell what the platform itself lacks for this page, and who mends it."""
    return shell.answer(visit, "message", status=503, kind="wanting", said=words(error, visit.lang))


def too_much(visit: Visit, error: YbaError) -> HttpResponse:
    """Tell that as much waits for this reader as may, and when to try again."""
    answer = shell.answer(visit, "message", status=429, kind="too-much", said=words(error, visit.lang))
    answer["Retry-After"] = str(_SOON)
    return answer
