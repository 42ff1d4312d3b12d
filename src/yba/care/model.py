"""The words of the desks: visits, what is measured and decided in them, what is due, and what stands against writing something."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from yba.kit.errors import Conflict, Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from decimal import Decimal
    from uuid import UUID

    from yba.identity import Seen
    from yba.record import Saved


class State(StrEnum):
    """Where a visit stands."""

    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is written in it."""
        return self in {State.CLOSED, State.CANCELLED}


class Visit(NamedTuple):
    """A visit at one of our own desks; ``number`` rises with each act, ``encounter`` is the id of its Encounter, ``link`` the MA_LK of its claim."""

    id: UUID
    person_id: UUID
    patient_id: UUID
    facility: str
    department: str
    kind: str
    state: State
    reason: str
    programme: str
    number: int
    link: str
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    priority: tuple[str, ...] = ()

    @property
    def encounter(self) -> str:
        """The id of its Encounter."""
        return str(self.id)


class VisitAct(NamedTuple):
    """One act of a visit: who did what, when; ``refs``: the resources it wrote ("Observation/…")."""

    number: int
    at: datetime
    who: str
    kind: str
    refs: tuple[str, ...]


class Warned(NamedTuple):
    """Something a desk shows and does not stop at: an allergy, the same drug twice."""

    kind: str
    about: str
    vi: str
    en: str


class Acted(NamedTuple):
    """What an act left: the visit with its new number, the resources written; ``again``: the same page was sent before, nothing was written now."""

    visit: Visit
    saved: tuple[Saved, ...] = ()
    warned: tuple[Warned, ...] = ()
    again: bool = False


class Doubt(NamedTuple):
    """What is wrong with one value; a soft one may be confirmed by naming its field, a hard one may not."""

    field: str
    hard: bool
    vi: str
    en: str


class NotPlausible(Invalid):
    """Values that nobody has, or that the desk asks about first: all of them at once."""

    def __init__(self, doubts: Sequence[Doubt]) -> None:
        """Take what is wrong."""
        self.doubts = tuple(doubts)
        super().__init__(" ".join(one.vi for one in self.doubts), advice=" ".join(one.en for one in self.doubts))


class Overtaken(Conflict):
    """Somebody else wrote in the visit since the page was drawn; ``acts`` says who did what, newest first."""

    def __init__(self, visit: Visit, acts: Sequence[VisitAct]) -> None:
        """Take the visit as it stands and what was done in between."""
        self.visit, self.acts = visit, tuple(acts)
        super().__init__(
            "Có người vừa ghi vào lượt khám này: hãy xem lại rồi ghi tiếp.", advice="Somebody else has written in this visit: look again, then go on."
        )


class Paper(NamedTuple):
    """A paper that was looked at on arrival: ``kind`` and ``shown`` by specs/care/papers.toml (citizen card … · vneid, paper, chip)."""

    kind: str
    shown: str


class Arrival(NamedTuple):
    """What is noted when somebody comes: groups of specs/care/priority.toml said at the desk, papers that were looked at."""

    priority: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()


class Diagnosis(NamedTuple):
    """One diagnosis by ICD-10 code; ``text`` in the doctor's words, "" = the code's own name; the first that is ``principal`` is the main one."""

    code: str
    text: str = ""
    principal: bool = False


class Order(NamedTuple):
    """One service ordered: code of MA_DICH_VU ("" = not in the list), its name."""

    code: str
    text: str
    note: str = ""


class Result(NamedTuple):
    """One result: of the order ``request`` (id of its ServiceRequest, None: done without one), a number with its unit or words.

    ``low``, ``high``: the laboratory's own range, in the result's unit; without both, that of terminology for adults. ``taken``, ``received``:
    when the specimen was taken, and when it came to who examined it. ``released`` False: somebody else has to approve it first.
    """

    text: str
    value: Decimal | None = None
    unit: str = ""
    words: str = ""
    request: str | None = None
    conclusion: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    method: str = ""
    specimen: str = ""
    taken: datetime | None = None
    received: datetime | None = None
    released: bool = True


class Drug(NamedTuple):
    """One line of a prescription draft: ``each`` units, ``times`` a day, for ``days`` days; the quantity is computed.

    ``code`` is MA_THUOC (list ingredient), ``registration`` SO_DANG_KY (list drug), "" where there is none.
    """

    code: str
    text: str
    unit: str
    each: Decimal
    times: int
    days: int
    strength: str = ""
    route: str = ""
    words: str = ""
    registration: str = ""


class Companion(NamedTuple):
    """Who came with a child: asked on a prescription under 72 months (TT 26/2025)."""

    name: str
    relation: str = ""


class Referral(NamedTuple):
    """Where to, why; the letter itself is another room's."""

    to: str
    reason: str
    urgent: bool = False


class Closed(NamedTuple):
    """A closed visit; ``missing``: what its claim still lacks, in words; nothing of that kept it from being closed."""

    visit: Visit
    missing: tuple[Doubt, ...]


class Newcomer(NamedTuple):
    """What is known of somebody at registration; only name, sex and a birth (a year will do) are asked by law, a number makes it sure.

    ``birth`` is a partial ISO date; ``card`` fifteen characters or ten digits; ``commune`` (where they live now) a code of 2025;
    ``permanent_…`` the registered residence, "" where it is the same; ``ethnicity``, ``occupation`` codes of the lists ethnic, occupation.
    """

    name: str
    sex: str
    birth: str
    citizen: str = ""
    old_citizen: str = ""
    card: str = ""
    phone: str = ""
    commune: str = ""
    address: str = ""
    ethnicity: str = ""
    occupation: str = ""
    permanent_commune: str = ""
    permanent_address: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a registration: the person, or those it may be: then ``person_id`` is None and nothing was written."""

    person_id: UUID | None
    found: tuple[Seen, ...] = field(default=())
    created: bool = False


class Why(StrEnum):
    """Why somebody stands in the work list."""

    WAITING = "waiting"
    OVERDUE = "overdue"
    TODAY = "today"
    RESULT = "result"


class Coming(NamedTuple):
    """One open appointment of a person: its due item, where, for which programme ("" none), on which day."""

    id: UUID
    facility: str
    programme: str
    on: date


class Work(NamedTuple):
    """One line of the work list: who, why, since when (waiting) or due when; ``action``: visit (go on), start (begin one), read (a result).

    ``reason``: what the person came for, as it was typed; ``phone``: the newest number, "" also for who may not see it; ``priority``: the groups
    of specs/care/priority.toml for which somebody who waits goes before others; ``corrected``: a result given out before that is another one now.
    """

    person_id: UUID
    why: Why
    action: str
    since: datetime | None = None
    due: date | None = None
    programme: str = ""
    visit: UUID | None = None
    item: UUID | None = None
    seen: Seen | None = None
    reason: str = ""
    phone: str = ""
    priority: tuple[str, ...] = ()
    corrected: bool = False
