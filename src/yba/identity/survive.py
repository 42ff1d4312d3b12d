"""Which value survives: maxima over total orders, so the order in which facts arrive never matters; pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from yba.specs import identity as specs

from .normalise import name_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .state import Source, Stamp

Entry = tuple[tuple[int, ...], int, int, Any]
"""(answers to the criteria, visit in seconds, landing sequence, value): the largest survives."""
_YEAR, _MONTH, _DAY, _MINUTE = 4, 7, 10, 16
_PRECISION: Final = {_YEAR: 1, _MONTH: 2, _DAY: 4, _MINUTE: 5}
_NEW_YEAR: Final = 3


def _precision(birth: str) -> int:
    if len(birth) == _DAY and birth.endswith("-01-01"):
        return _NEW_YEAR  # what systems write for an unknown day, and a real birthday now and then
    return _PRECISION.get(len(birth), 0)


def _coded(address: list[str]) -> int:
    return 3 if address[3] else 2 if address[2] else 1 if address[1] else 0


_ASK: Final[dict[str, Callable[[Any], int]]] = {
    "named": lambda name: not name_parts(name[:NAME_LENGTH]).placeholder,
    "intact": lambda name: not name_parts(name[:NAME_LENGTH]).lost,
    "marked": lambda name: name_parts(name[:NAME_LENGTH]).marked,
    "words": lambda name: len(name_parts(name[:NAME_LENGTH]).words),
    "precision": _precision,
    "known": lambda value: value != "unknown",
    "coded": _coded,
}
_RULES: Final = specs.survivorship()
FIELDS: Final = tuple(_RULES)
_WITHIN: Final = {name: tuple(_ASK[c] for c in rule.within[:-1]) for name, rule in _RULES.items()}
_ACROSS: Final = {name: tuple(_ASK[c] for c in rule.across[:-1]) for name, rule in _RULES.items()}
NAME_LENGTH: Final = 200  # characters of a name that are compared; the longest real ones have 60
_REMEMBERED: Final = 16  # spellings of one human at one facility; more than a handful is a typist's joke


@lru_cache(maxsize=65_536)
def _answers(asked: tuple[Callable[[Any], int], ...], value: str) -> tuple[int, ...]:
    return tuple(int(ask(value)) for ask in asked)


def _rank(asked: tuple[Callable[[Any], int], ...], value: Any) -> tuple[int, ...]:  # noqa: ANN401  a text, or the four texts of an address
    if not asked:  # most fields: the latest survives
        return ()
    return _answers(asked, value) if isinstance(value, str) else tuple(int(ask(value)) for ask in asked)


def entries(sent: dict[str, Any], stamp: Stamp) -> dict[str, Entry]:
    """Return what one message says, field by field, each with its rank within the source."""
    seconds, sequence = stamp
    return {f: (_rank(asked, sent[f]), seconds, sequence, sent[f]) for f, asked in _WITHIN.items() if f in sent}


def best_of(source: Source) -> dict[str, Entry]:
    """Return the surviving entry of each field of a source: of what was sent last and what was kept from before."""
    best = entries(source.sent, source.stamp)
    for field, (seconds, sequence, value) in source.kept.items():
        entry: Entry = (_rank(_WITHIN[field], value), seconds, sequence, value)
        if field not in best or entry > best[field]:
            best[field] = entry
    return best


def absorb(source: Source, sent: dict[str, Any], stamp: Stamp) -> None:
    """Take in another message of the same source: newest by landing becomes ``sent``, better older values are kept.

    Associative, commutative and idempotent: any order of the same messages gives the same source.
    """
    newer = stamp[1] >= source.stamp[1]
    if newer and sent == source.sent and stamp >= source.stamp and not source.kept:
        if stamp != source.stamp:
            source.stamp, source.touched = stamp, True
        return
    _remember(source, sent)
    best = best_of(source)
    for field, entry in entries(sent, stamp).items():
        if field not in best or entry > best[field]:
            best[field] = entry
    if newer:
        source.touched |= stamp != source.stamp
        source.changed |= sent != source.sent
        source.doc_stale |= sent != source.sent
        source.sent, source.stamp = sent, stamp
    last = entries(source.sent, source.stamp)
    kept = {f: list(e[1:]) for f, e in best.items() if last.get(f) != e}
    source.changed |= kept != source.kept
    source.kept = kept


def described(sent: dict[str, Any]) -> list[Any]:
    """Return the values that can survive: two messages with equal ones are interchangeable in a golden document."""
    return [sent.get(field) for field in FIELDS]


def description(sent: dict[str, Any]) -> list[str]:
    """Return [name, birth, sex] of a message: what is compared."""
    return [sent.get("name", "")[:NAME_LENGTH], sent.get("birth", ""), sent.get("sex", "unknown")]


def _remember(source: Source, sent: dict[str, Any]) -> None:
    said = description(sent)
    if said != description(source.sent) and said not in source.told:
        source.told = sorted([*source.told, said, description(source.sent)])
        source.told = [d for i, d in enumerate(source.told) if d not in source.told[:i]][:_REMEMBERED]
        source.changed = True


def of_one_mind(sources: Sequence[Source]) -> bool:
    """Whether all sources say the same and nothing older survives: then any of them is the answer."""
    first, *others = sources
    if first.kept:
        return False
    said = described(first.sent) if others else None
    return all(not other.kept and described(other.sent) == said for other in others)


def golden_fields(sources: Sequence[Source]) -> dict[str, Any]:
    """Return the surviving value of each field across the sources of one person; of one of whom nothing is said, none."""
    if not sources:
        return {}
    if of_one_mind(sources):
        sent = sources[0].sent
        return {field: sent[field] for field in FIELDS if field in sent}
    won: dict[str, tuple[tuple[int, ...], int, int, Any]] = {}
    for source in sources:
        for field, (_, seconds, sequence, value) in best_of(source).items():
            entry = (_rank(_ACROSS[field], value), seconds, sequence, value)
            if field not in won or entry > won[field]:
                won[field] = entry
    return {field: won[field][3] for field in FIELDS if field in won}
