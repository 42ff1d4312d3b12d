"""The work list: who waits, who is overdue, who is due today, whose results have come; one list with a filter, one act a line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

from django.http import HttpResponseRedirect

from yba import access, care
from yba.access import Denied, Right, needs
from yba.kit import Invalid, clock
from yba.specs import care_desk
from yba.web import shell
from yba.web.words import FIRST
from yba.web.words import marked as _n

from .desk_places import stations, to_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse

    from yba.web.edge import Visit


class Line(NamedTuple):
    """One line: minutes waited, days late, the reason in words, the programme whose quick follow-up it leads to, why it goes first."""

    work: care.Work
    waited: int
    late: int
    reason: str
    follow: str
    priority: tuple[str, ...]


# Filter, words, and what to do when there is nothing.
_COLUMNS: Final = (
    (care.Why.WAITING, _n("Đang chờ"), _n("Không ai chờ. Có người đến: gõ / rồi tên hoặc quét thẻ.")),
    (care.Why.OVERDUE, _n("Quá hạn"), _n("Không ai quá hẹn. Người lỡ hẹn sẽ hiện ở đây.")),
    (care.Why.TODAY, _n("Hôm nay"), _n("Hôm nay không có lịch hẹn. Hẹn được ghi khi đóng lượt khám.")),
    (care.Why.RESULT, _n("Kết quả mới"), _n("Chưa có kết quả mới. Kết quả của chỉ định sẽ hiện ở đây.")),
)
_WORDS: Final = 5  # of a reason: what a line has room for
_REVISIT: Final = _n("Tái khám")
_SAVED: Final = _n("Đã lưu. Người tiếp theo ở dưới.")
_CLOSED: Final = _n("Đã đóng lượt khám.")
_NO_PLACE: Final = _n("Bạn chưa được giao cơ sở nào để khám.")


@needs(Right.CARE_VISIT_READ)
def desk(visit: Visit) -> HttpResponse:
    """Show the work list of one of the reader's facilities, today."""
    places = stations(visit)
    place = place_of(visit)
    today = clock.today()
    work = care.work(visit.conn, by=visit.by, facility=place, on=today)
    lines = [_line(visit, one) for one in work]
    columns = [(why.value, visit.say(words), [line for line in lines if line.work.why is why], visit.say(hint)) for why, words, hint in _COLUMNS]
    told = {"saved": visit.say(_SAVED), "closed": visit.say(_CLOSED)}.get(visit.asked("done", 20), "")
    return shell.answer(
        visit,
        "desk",
        columns=columns,
        total=len(lines),
        programmes=_counts(visit, work),
        place=place,
        place_name=dict(places).get(place, place),
        stations=places,
        told=told,
        closed=_closed(visit),
    )


@needs(Right.CARE_VISIT_WRITE)
def start(visit: Visit) -> HttpResponse:
    """Open a visit for a person who came, or go on in the one of today: the ground on which the record opens."""
    if not visit.posted:
        return HttpResponseRedirect("/desk")
    person, programme = to_uuid(visit.text("person", 40)), visit.text("programme", 40)
    kind = "follow-up" if programme in care_desk.programmes() else "exam"
    known = programme if programme in care_desk.programmes() else ""
    reason = visit.text("reason", 200)
    if visit.text("wait", 1):
        arrival = care.Arrival(priority=tuple(filter(None, (visit.text("priority", 30),))))
        where = {"facility": place_of(visit), "kind": kind, "reason": reason, "programme": known}
        care.queue_up(visit.conn, by=visit.by, person_id=person, arrival=arrival, **where)
        return HttpResponseRedirect("/desk")
    made = care.start(visit.conn, by=visit.by, person_id=person, facility=place_of(visit), kind=kind, reason=reason, programme=known)
    return HttpResponseRedirect(f"/visit/{made.id}")


@needs(Right.CARE_VISIT_WRITE)
def read_result(visit: Visit) -> HttpResponse:
    """Lead from a new result to the record and take it off the list; a record that does not open leaves it there."""
    if not visit.posted:
        return HttpResponseRedirect("/desk")
    person, item = to_uuid(visit.text("person", 40)), to_uuid(visit.text("item", 40))
    with visit.under(Right.RECORD_CLINICAL_READ) as (conn, by):
        opens = access.reaches(conn, by=by, right=Right.RECORD_CLINICAL_READ, person_id=person)
    if opens:
        care.result_read(visit.conn, by=visit.by, item=item)
    return HttpResponseRedirect(f"/record/{person}#results")


def _closed(visit: Visit) -> str:
    """Return the visit that was closed just now, to look at it once more; "" for anything that is no id."""
    try:
        return str(UUID(visit.asked("visit", 40))) if visit.asked("done", 20) == "closed" else ""
    except ValueError:
        return ""


def place_of(visit: Visit) -> str:
    """Return the facility a page is about: the one asked for, else the first the reader works at. Raises Denied, Invalid."""
    mine = sorted(visit.by.facilities or ())
    asked = (visit.text("facility", 5) if visit.request.method == "POST" else "") or visit.asked("facility", 5)
    if asked and asked not in mine:
        raise Denied(Right.CARE_VISIT_READ)
    if not mine:
        raise Invalid(visit.say(_NO_PLACE))
    return asked or mine[0]


def programme_words(visit: Visit, name: str) -> str:
    """Say what a programme is called; one without a follow-up here keeps its name."""
    known = care_desk.programmes().get(name)
    return name if known is None else known.vi if visit.lang == FIRST else known.en


def _line(visit: Visit, work: care.Work) -> Line:
    now, today = clock.now(), clock.today()
    waited = int((now - work.since).total_seconds() // 60) if work.since else 0
    late = (today - work.due).days if work.due else 0
    follow = work.programme if work.action == "start" and work.programme in care_desk.programmes() else ""
    groups = [care_desk.priorities()[one] for one in work.priority]
    first = tuple(one.vi if visit.lang == FIRST else one.en for one in groups)
    return Line(work, max(waited, 0), late, _reason(visit, work), follow, first)


def _reason(visit: Visit, work: care.Work) -> str:
    """Say in five words why somebody comes: what was typed, else the programme, else that an appointment was given."""
    words = work.reason.split()
    if words:
        return " ".join(words[:_WORDS]) + ("…" if len(words) > _WORDS else "")
    if work.programme:
        return programme_words(visit, work.programme)
    return visit.say(_REVISIT) if work.due else ""


def _counts(visit: Visit, work: Iterable[care.Work]) -> list[tuple[str, int]]:
    counts = Counter(one.programme for one in work if one.programme)
    return [(programme_words(visit, name), number) for name, number in counts.most_common()]


def may_work(visit: Visit) -> bool:
    """Whether the work list is the reader's first page: who opens visits at a facility."""
    return bool(visit.by.facilities) and access.holds(access.purpose_for(visit.by, Right.CARE_VISIT_WRITE), Right.CARE_VISIT_WRITE)
