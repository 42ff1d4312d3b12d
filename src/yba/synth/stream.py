"""The stream of files: households one after another, their claims grouped into files, dirt, resends and strays on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from . import claim, course, dirt, envelope, extras, places, treatment
from .course import Window
from .dates import DAY, calendar, day_number, month_end, months_back, stamp, ymd
from .dice import Dice, Wheel, derive
from .people import household
from .plan import PERIODS
from .pregnancy import first_days
from .render import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .draft import Draft
    from .people import Person
    from .places import Facility
    from .plan import Visit

WAITING = 600
"""HOSO held back at most while files fill up; bounds memory."""
ENDLESS = 1 << 60
LONE = next(kind.rate for kind in dirt.kinds("file") if kind.name == "lone_summary")


@dataclass(frozen=True, slots=True)
class Options:
    """What decides every byte of the output."""

    seed: int = 1
    population: int | None = None
    """residents; None with `claims` given means as many as it takes"""
    months: int = 12
    end: date = date(2026, 10, 31)
    province: str = "11"
    claims: int | None = None
    """stop at exactly so many HOSO"""
    standards: tuple[tuple[str, float], ...] = ()
    """forced mix by weight: each household lives in the time of one standard; empty = the last months, each visit by its date"""
    archive: bool = True
    """also single visits of older standards"""
    dirt: float = 1.0
    """factor on all rates of dirt.toml; 0 = clean"""


@dataclass(slots=True)
class Sent:
    """One HOSO as sent: the truth about it."""

    person: str
    facility: str
    local: str
    link: str
    standard: str
    version: int
    note: str
    outcome: str
    dirt: list[tuple[str, str]]
    ended: str


@dataclass(slots=True)
class File:
    """One file of the set; `sent` is empty for check-ins and strays, whose `kind` tells what they are."""

    path: str
    data: bytes
    sent: list[Sent]
    kind: str = "claims"


@dataclass(slots=True)
class Tally:
    """Counts for the manifest."""

    people: int = 0
    births: int = 0
    files: int = 0
    claims: int = 0
    rejected: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    standards: Counter[str] = field(default_factory=Counter)
    dirt: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    visits: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Group:
    """HOSO waiting to go out in one file."""

    facility: Facility
    goal: int
    created: int = 0
    texts: list[str] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    after: list[tuple[int, str, Sent, Facility]] = field(default_factory=list)
    """resends that may only follow this file: (created, text, truth, facility)"""


class Stream:
    """Iterate to get the files; `tally` counts along, `residents` names the people met since it was last emptied."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.tally = Tally()
        self.residents: list[Person] = []
        self.net = places.build(options.seed, options.province)
        last = day_number(month_end(options.end))
        first = day_number(months_back(options.end, options.months - 1))
        self.window = Window(options.seed, first, last, archive=options.archive)
        self._eras = Wheel([(name, weight) for name, weight in options.standards])
        self._writers: dict[tuple[str, str], Writer] = {}
        self._groups: dict[tuple[str, str], _Group] = {}
        self._waiting = 0
        self._count = 0
        self._goal = options.claims or ENDLESS

    def __iter__(self) -> Iterator[File]:
        """Yield every file; a resend always after the file it replaces."""
        people = 0
        number = 0
        limit = self.options.population if self.options.population is not None else (ENDLESS if self.options.claims else 1000)
        while people < limit and self._count < self._goal:
            window = self._window_of(number)
            for person in household(self.options.seed, number, self.net, window.end)[: limit - people]:
                people += 1
                yield from self._person(person, window)
            number += 1
        for key in list(self._groups):
            yield from self._flush(key, last=True)

    def _window_of(self, household_number: int) -> Window:
        """Give the time of one household: that of all, or, with a forced mix, the last months of the standard drawn for it."""
        if not self.options.standards:
            return self.window
        standard = str(self._eras.spin(Dice(derive(self.options.seed, "era", household_number))))
        first, last = PERIODS[standard]
        last = min(last, day_number(month_end(self.options.end)))
        start = max(first, day_number(months_back(calendar(last), self.options.months - 1)))
        return Window(self.options.seed, start, last, archive=False, standard=standard)

    def _person(self, person: Person, window: Window) -> Iterator[File]:
        dice = Dice(derive(self.options.seed, "life", person.uid))
        visits, _ = course.life(dice, person, self.net, window)
        self.residents.append(person)
        self.tally.people += 1
        for visit in visits:
            yield from self._visit(visit)
            for child in visit.babies:
                self.residents.append(child)
                self.tally.births += 1
                own = Dice(derive(self.options.seed, "life", child.uid))
                for early in course.early_life(own, child, self.net, window, first_days(own, child)):
                    yield from self._visit(early)

    def _visit(self, visit: Visit) -> Iterator[File]:
        if self._count >= self._goal:
            return
        options = self.options
        dice = Dice(derive(options.seed, "visit", visit.person.uid, visit.arrive))
        paying = [kind for kind in dirt.kinds("resend") if dice.random() < kind.rate * min(1.0, options.dirt)]
        resend = paying[0].name if paying else ""
        draft = claim.write(visit, dice, paid=resend != "payment")
        for table, rows in draft.rows.items():
            self.tally.rows[table] += len(rows)
        self.tally.visits[visit.kind] += 1
        writer = self._writer(visit.facility, visit.standard)
        if dice.random() < visit.facility.style.check_in:
            data = extras.check_in_file(draft, writer)
            if data is not None:
                yield self._file(visit.facility, visit.arrive + 15, data, [], "check_in")
        if visit.facility.style.running:
            _run_on(draft, visit.facility.visits % visit.facility.style.group * 40)
        done = dirt.spoil(draft, dice, options.dirt) if options.dirt else []
        yield from self._put(draft, dice, writer, done, resend)
        for kind in dirt.kinds("stray"):
            if dice.random() < kind.rate * options.dirt:
                data = extras.stray_file(kind.name, visit.person, visit.facility, dice, draft.end // DAY)
                yield self._file(visit.facility, draft.end + 30, data, [], kind.name)

    def _put(self, draft: Draft, dice: Dice, writer: Writer, done: list[tuple[str, str]], resend: str) -> Iterator[File]:
        """Put the claim into its group, and its later sending behind it."""
        facility, style = draft.facility, draft.style
        created = draft.end + 40 + dice.below(2600)
        month = ymd(created // DAY)[:6]
        if draft.rows.get("XML1") and not done and dice.random() < LONE * self.options.dirt:
            yield self._alone(draft, writer, created)
            return
        key = (facility.code, month)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(facility, dice.between(1, style.group))
        nested = style.nested != (dice.random() < style.swaps)
        text = envelope.hoso(writer, style, draft, nested=nested)
        self._keep(group, created, text, self._truth(draft, done, 1))
        if resend and self._count < self._goal:
            late = day_number(month_end(calendar(created // DAY))) * DAY + DAY + 480 + dice.below(20 * DAY)
            again, how = self._again(draft, writer, resend, text, late, nested=nested)
            if again:
                group.after.append((late, again, self._truth(draft, [*done, (f"resend:{resend}", how)], 2), facility))
                self._count += 1
        if len(group.texts) >= group.goal:
            yield from self._flush(key)
        elif self._waiting > WAITING:
            yield from self._flush(next(iter(self._groups)))

    def _alone(self, draft: Draft, writer: Writer, created: int) -> File:
        """Write XML1 as a file of its own, without any envelope."""
        self._count += 1
        text = draft.style.declaration + writer.table("XML1", draft.rows["XML1"], declare=False)
        return self._file(
            draft.facility, created, envelope.to_bytes(draft.style, text), [self._truth(draft, [("file:lone_summary", "")], 1)], "claims"
        )

    def _again(self, draft: Draft, writer: Writer, resend: str, text: str, late: int, *, nested: bool) -> tuple[str, str]:
        if resend == "duplicate":
            return text, "same bytes"
        if not draft.rows.get("XML1"):
            return "", ""
        how = "NGAY_TTOAN"
        if resend == "payment":
            top, paid = draft.rows["XML1"][0], late - 90
            on = calendar(paid // DAY)
            top["NGAY_TTOAN"], top["NAM_QT"], top["THANG_QT"] = stamp(paid), str(on.year), f"{on.month:02d}" if draft.style.order else str(on.month)
        else:
            how = treatment.change(draft)
            if not how:
                return "", ""
        return envelope.hoso(writer, draft.style, draft, nested=nested), how

    def _truth(self, draft: Draft, done: list[tuple[str, str]], version: int) -> Sent:
        outcomes = {kind.name: kind.outcome for kind in dirt.kinds("claim")}
        outcome = "rejected" if any(outcomes.get(kind) == "rejected" for kind, _ in done) else "accepted"
        return Sent(
            draft.person.uid,
            draft.facility.code,
            draft.local,
            draft.link,
            draft.standard,
            version,
            draft.visit.note,
            outcome,
            done,
            ymd(draft.end // DAY),
        )

    def _keep(self, group: _Group, created: int, text: str, truth: Sent) -> None:
        group.texts.append(text)
        group.sent.append(truth)
        group.created = max(group.created, created)
        self._count += 1
        self._waiting += 1

    def _flush(self, key: tuple[str, str], *, last: bool = False) -> Iterator[File]:
        group = self._groups.pop(key)
        self._waiting -= len(group.texts)
        yield self._pack(group.facility, group.created, group.texts, group.sent, whole=last)
        for late, text, truth, facility in group.after:
            yield self._pack(facility, late, [text], [truth], whole=True)

    def _pack(self, facility: Facility, created: int, texts: list[str], sent: list[Sent], *, whole: bool) -> File:
        """Make a file of HOSO, now and then spoiled as a whole (never the last ones: their number is promised)."""
        style, code = facility.style, facility.code
        dice = Dice(derive(self.options.seed, "file", code, facility.files, created))
        spoiled = [
            kind.name for kind in dirt.kinds("file") if dice.random() < kind.rate * self.options.dirt and not (whole and kind.name == "truncated")
        ][:1]
        count = None
        if "wrong_count" in spoiled:
            count = len(texts) + dice.pick((-1, 1, 2))
        if "facility_mismatch" in spoiled:
            code = dice.pick(self.net.bases).code
        text = envelope.giamdinhhs(style, code, ymd(created // DAY), texts, count=count)
        data = (
            text.replace('encoding="utf-8"', 'encoding="utf-16"').encode("utf-16")
            if "utf16" in spoiled and 'encoding="utf-8"' in text[:60]
            else envelope.to_bytes(style, text)
        )
        for one in sent:
            one.dirt = one.dirt + [(f"file:{name}", code if name == "facility_mismatch" else "") for name in spoiled]
        if "truncated" in spoiled:
            data, sent = self._cut(data, sent, dice)
        return self._file(facility, created, data, sent, "claims")

    def _cut(self, data: bytes, sent: list[Sent], dice: Dice) -> tuple[bytes, list[Sent]]:
        """Cut a file off; HOSO that are gone leave the count, one cut in the middle is to be rejected."""
        data = data[: int(len(data) * (0.35 + 0.6 * dice.random()))]
        begun, ended = data.count(b"<HOSO>"), data.count(b"</HOSO>")
        self._count -= len(sent) - begun
        for one in sent[ended:begun]:
            one.outcome = "rejected"
        return data, sent[:begun]

    def _file(self, facility: Facility, created: int, data: bytes, sent: list[Sent], kind: str) -> File:
        facility.files += 1
        when = stamp(created)
        tally = self.tally
        tally.files += 1
        tally.kinds[kind] += 1
        tally.claims += len(sent)
        for one in sent:
            tally.standards[one.standard] += 1
            tally.rejected += one.outcome == "rejected"
            tally.dirt.update(name for name, _ in one.dirt)
        return File(f"{facility.code}/{when[:6]}/{when}_{facility.code}_{facility.files:06d}.xml", data, sent, kind)

    def _writer(self, facility: Facility, standard: str) -> Writer:
        key = (facility.code, standard)
        writer = self._writers.get(key)
        if writer is None:
            writer = self._writers[key] = Writer(standard, facility.style)
        return writer


def _run_on(draft: Draft, start: int) -> None:
    """Let STT go on from the earlier claims of the file instead of starting at 1."""
    for table in ("XML2", "XML3", "XML4", "XML5"):
        for number, row in enumerate(draft.rows.get(table, ()), start + 1):
            row["STT"] = str(number)
