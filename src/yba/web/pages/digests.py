"""The digests: one line for each, downloaded as a PDF in either language."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from yba.access import Right, needs
from yba.kit import clock
from yba.warehouse import boards, digests
from yba.web import files, shell
from yba.web.words import FIRST

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from yba.web.edge import Visit


class Told(NamedTuple):
    """A digest in the reader's words."""

    id: UUID
    title: str
    period: str
    number: int
    made: str
    until: str
    size: int
    sha256: str


@needs(Right.WAREHOUSE_DIGEST_READ)
def listed(visit: Visit) -> HttpResponse:
    """List the digests, the newest first."""
    vietnamese = visit.lang == FIRST
    found = []
    for one in digests.listed(visit.conn, by=visit.by):
        period = boards.period_words(one.period)
        title, words = (one.title.vi, period.vi) if vietnamese else (one.title.en, period.en)
        made, until = (f"{moment.astimezone(clock.VIETNAM):%H:%M %d/%m/%Y}" for moment in (one.made_at, one.until))
        found.append(Told(one.id, title, words, one.number, made, until, -(-one.size // 1024), one.sha256))
    return shell.answer(visit, "digests", found=found)


@needs(Right.WAREHOUSE_DIGEST_READ)
def paper(visit: Visit, digest: UUID) -> HttpResponse:
    """Send one as a PDF, in the reader's language; the reading is noted."""
    one, data = digests.pdf(visit.conn, by=visit.by, id=digest, lang=visit.lang)
    return files.file(data, name=f"yba-{one.name}-{one.period}-{one.number}-{visit.lang}.pdf", media=files.PDF)
