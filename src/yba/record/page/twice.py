"""Visits that two channels tell of: shown as one, what both tell of them counted once, both sources named (links of `record.visits`)."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from yba.kit.folding import folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .model import Visit


class Again(NamedTuple):
    """One Encounter that tells of another one's visit; channels as specs/visits.toml names them."""

    id: str
    primary: str
    channel: str
    primary_channel: str


class Twice:
    """What of a record is told more than once: of each kind of fact a visit has as many as the channel that tells most of it."""

    def __init__(self, links: Iterable[Again]) -> None:
        self.links = {link.id: link for link in links}
        self._primaries = {link.primary: link.primary_channel for link in self.links.values()}
        self._known: dict[tuple[str, str], str] = {}  # (visit, key) -> the first key of that fact
        self._kept: Counter[tuple[str, str]] = Counter()  # (visit, fact)
        self._told: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)  # by channel

    def join(self, visits: dict[str, Visit], again: Visit) -> bool:
        """Let a visit be the one it tells of again, which takes what it did not say itself; False: it is the only one here that tells of it."""
        link = self.links.get(again.id)
        first = visits.get(link.primary) if link is not None else None
        if first is None or link is None:
            return False
        first.sources = first.sources or [(first.id, link.primary_channel)]
        first.sources.append((again.id, link.channel))
        for name in ("end", "department", "reason", "outcome", "kind_text"):
            setattr(first, name, getattr(first, name) or getattr(again, name))
        visits[again.id] = first
        return True

    def has(self, encounter: str, concept: Mapping[str, Any] | None, name: str, *more: object) -> bool:
        """Whether another channel has told a fact of this visit already: the same code or the same words, and ``more``."""
        link = self.links.get(encounter)
        if link is None and encounter not in self._primaries:
            return False
        visit, channel = (link.primary, link.channel) if link else (encounter, self._primaries[encounter])
        last = "|".join(map(str, more))
        keys = [f"{one.get('system', '')}|{one['code']}|{last}" for one in (concept or {}).get("coding") or () if one.get("code")]
        keys.append(f"{' '.join(folded(name).split())}|{last}")
        fact = next((self._known[visit, key] for key in keys if (visit, key) in self._known), keys[0])
        for key in keys:
            self._known.setdefault((visit, key), fact)
        told = self._told[channel]
        told[visit, fact] += 1
        if told[visit, fact] <= self._kept[visit, fact]:
            return True
        self._kept[visit, fact] = told[visit, fact]
        return False
