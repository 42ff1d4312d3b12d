"""Hold the cards of claims against the look-ups their facility had kept (VR031, VR032): by what is kept, never by calling out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from yba.identity import registers
from yba.ingest.checks.model import Fault
from yba.ingest.checks.values import parts
from yba.kit.clock import VIETNAM
from yba.kit.text import fold, looks_lost, name_key
from yba.specs.identity import registers as specs

from .check_in import known
from .judge import Written, tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from psycopg import Connection

    from yba.ingest.model import Row
    from yba.kit.actor import Actor

_CARD: Final = "MA_THE_BHYT"
_SEX: Final = {"nam": "1", "nữ": "2", "nu": "2"}
_WRONG_WORDS: Final = {"name": "HO_TEN", "birth": "NGAY_SINH", "unknown": _CARD}
_YEAR: Final = 4


def judge_cards(conn: Connection[Any], written: Sequence[Written], *, by: Actor) -> None:
    """Add what kept look-ups say against each claim's card; one round trip where look-ups are configured and a claim has a card, none otherwise."""
    if not registers.is_configured():
        return
    rules = specs.card()
    before, after = timedelta(days=rules.before_days), timedelta(days=rules.after_days)
    wanted: list[registers.Wanted] = []
    asked: list[tuple[Written, str]] = []
    for one in written:
        if one.start is None:
            continue
        for card in parts(one.claim.tables["XML1"][0].get(_CARD, "")):
            wanted.append(registers.Wanted(len(asked), one.claim.facility, card, one.start - before, (one.end or one.start) + after))
            asked.append((one, card))
    for looked in registers.looked_up(conn, by=by, wanted=wanted):
        one, card = asked[looked.number]
        tell(one, faults(one.claim.tables["XML1"][0], card, looked))


def faults(head: Row, card: str, looked: registers.Looked) -> Iterator[tuple[str, Fault]]:
    """Yield (rule, fault) for a claim's head against the look-up of one of its cards."""
    code = specs.card().codes[looked.code]
    when = looked.asked_at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
    said = f"{code.vi} ({code.code}, tra cứu {when})"
    if code.meaning == "gone":
        yield "VR032", Fault("XML1", 1, _CARD, card, said)
    elif code.meaning in _WRONG_WORDS:
        field = _WRONG_WORDS[code.meaning]
        yield "VR031", Fault("XML1", 1, field, head.get(field, card), said)
    elif code.meaning == "changed":
        newer = looked.facts.get("new_card", "")
        yield "VR031", Fault("XML1", 1, _CARD, card, f"{said}: {newer}" if newer else said, lesser=True)
    yield from (("VR031", fault) for fault in _differing(head, looked.facts))


def _differing(head: Row, facts: dict[str, str]) -> Iterator[Fault]:
    """Yield the fields of the claim that the look-up says otherwise; what either side leaves out is not compared."""
    one, other = head.get("HO_TEN", "").strip(), facts.get("name", "")
    if one and other and name_key(one) != name_key(other):
        yield Fault("XML1", 1, "HO_TEN", one, other, lesser=looks_lost(one) or fold(one) == fold(other))
    born, told = known(head.get("NGAY_SINH", "")), "".join(reversed(facts.get("birth", "").split("/")))
    if len(born) >= _YEAR and len(told) >= _YEAR and not (born.startswith(told) or told.startswith(born)):
        yield Fault("XML1", 1, "NGAY_SINH", head["NGAY_SINH"], facts["birth"])
    sex, told = head.get("GIOI_TINH", "").strip(), _SEX.get(facts.get("sex", "").lower(), "")
    if sex in _SEX.values() and told and sex != told:
        yield Fault("XML1", 1, "GIOI_TINH", sex, facts["sex"])
    places, told = parts(head.get("MA_DKBD", "")), facts.get("registered_at", "")
    if places and told and told not in places:
        yield Fault("XML1", 1, "MA_DKBD", head["MA_DKBD"], told)
