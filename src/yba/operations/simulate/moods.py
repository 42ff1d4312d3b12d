"""How a simulated register behaves with one request: well, slowly, broken in the ways real ones break, or hostile; drawn by seed, or by a script."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from .residents import chance

if TYPE_CHECKING:
    from collections.abc import Iterable


class Mood(StrEnum):
    """What becomes of one request."""

    WELL = "well"
    BROKEN = "broken"  # 503 with Retry-After
    ERROR = "error"  # 500
    BUSY = "busy"  # 429
    REFUSED = "refused"  # 401
    GONE = "gone"  # 404
    RESET = "reset"  # the connection ends without a word
    SILENT = "silent"  # nothing comes
    DRIP = "drip"  # a byte now and then, for ever
    CUT = "cut"  # half the answer, under a Content-Length for the whole
    HTML = "html"  # a page of a gateway on the way
    REDIRECT = "redirect"
    LATIN = "latin"  # another encoding than told
    DEEP = "deep"  # nested without end
    HUGE = "huge"  # more bytes than anybody wants
    ENTITY = "entity"  # XML that wants to read our files
    BOMB = "bomb"  # XML that grows when it is read
    NUMBER = "number"  # numbers no machine can hold
    OTHER = "other"  # another person's answer
    MANY = "many"  # several people
    EMPTY = "empty"
    COMPRESSED = "compressed"


REAL: Final = (Mood.BROKEN, Mood.ERROR, Mood.BUSY, Mood.RESET, Mood.CUT, Mood.HTML)
HOSTILE: Final = (Mood.REDIRECT, Mood.LATIN, Mood.DEEP, Mood.HUGE, Mood.ENTITY, Mood.BOMB, Mood.NUMBER, Mood.OTHER, Mood.MANY, Mood.COMPRESSED)


@dataclass
class Weather:
    """Chances of each request: ``faults`` of the kinds real ones have, ``hostile`` of those attackers make; seconds of delay; outages.

    Every ``outage_every`` requests nothing works for ``outage_for`` requests (0: never). ``script`` comes first, one mood a request.
    """

    seed: int = 1
    faults: float = 0.0
    hostile: float = 0.0
    delay: tuple[float, float] = (0.0, 0.0)
    outage_every: int = 0
    outage_for: int = 0
    script: deque[Mood] = field(default_factory=deque)

    def next(self, *moods: Mood | str) -> None:
        """Lay down what becomes of the next requests."""
        self.script.extend(Mood(one) for one in moods)

    def mood(self, count: int) -> Mood:
        """Say what becomes of the count-th request."""
        if self.script:
            return self.script.popleft()
        if self.outage_every and count % (self.outage_every + self.outage_for) >= self.outage_every:
            return Mood.BROKEN
        drawn = chance(self.seed, "mood", count)
        for share, kinds in ((self.faults, REAL), (self.hostile, HOSTILE)):
            if drawn < share:
                return _pick(kinds, drawn / share)
            drawn -= share
        return Mood.WELL

    def seconds(self, count: int) -> float:
        """Say how long the count-th request takes."""
        low, high = self.delay
        return low + (high - low) * chance(self.seed, "delay", count)


def _pick(kinds: Iterable[Mood], drawn: float) -> Mood:
    found = tuple(kinds)
    return found[min(int(drawn * len(found)), len(found) - 1)]
