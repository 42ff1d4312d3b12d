"""The line of time of a record as HTML: hundreds of lines of three shapes, for which a template takes three times as long."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from yba.record import words

from .escaped import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from yba.record import Origin, Visit

    from .glance import Entry


class Said(NamedTuple):
    """Our own words of the line of time, as HTML, and what puts a visit's codes into words."""

    until: str
    paper: str
    vaccine: str
    undiagnosed: str
    time: str
    reason: str
    medicines: str
    results: str
    procedures: str
    note: str
    outcome: str
    sources: str
    kind: Callable[[Visit], str]
    flag: Callable[[str], str]
    channels: Callable[[Iterable[tuple[str, str]]], str]


def said(
    _: Callable[[str], str], kind: Callable[[Visit], str], flag: Callable[[str], str], channels: Callable[[Iterable[tuple[str, str]]], str]
) -> Said:
    """Look the words up in one language."""
    return Said(
        _("đến"), _("Giấy tờ"), _("Tiêm"), _("chưa ghi chẩn đoán"), _("Thời gian"), _("Lý do"), _("Thuốc"), _("Kết quả"), _("Dịch vụ"), _("Kết luận"),
        _("Kết thúc"), _("Nguồn"), kind, flag, channels,
    )  # fmt: skip


class Places(NamedTuple):
    """How a page names a facility, and where a fact comes from."""

    facility: Callable[[str], str]
    source: Callable[[Origin], str]


def lines(entries: Iterable[Entry], full: int, own: Said, places: Places) -> Markup:
    """Write the entries, the first ``full`` visits among them with their details, each a line of its own; everything given is escaped."""
    return Markup("".join([_line(entry, full, own, places) for entry in entries]))  # noqa: S704  # each value was escaped


def _line(entry: Entry, full: int, own: Said, places: Places) -> str:
    visit = entry.visit
    if visit is None:
        return _flat(entry, own, places)
    kinds, day = _classes(entry.kinds), escaped(words.day(visit.start))
    where = f"{escaped(own.kind(visit))} – {escaped(places.facility(visit.facility))}"
    if entry.place >= full:
        return f'<div class="flat{kinds}"><span class="num">{day}</span><span>{where}</span><span>{diagnoses(visit.diagnoses)}</span></div>\n'
    if visit.end and visit.end[:10] > visit.start[:10]:
        where += f' <span class="soft">{own.until} {escaped(words.day(visit.end))}</span>'
    what = (
        diagnoses(visit.diagnoses) if visit.diagnoses else escaped(visit.reason) if visit.reason else f'<span class="soft">{own.undiagnosed}</span>'
    )
    return (
        f'<details class="visit{kinds}"><summary><span class="num">{day}</span><span>{where}</span><span>{what}</span>'
        f'<span class="turn" aria-hidden="true">▸</span></summary>\n{_detail(visit, own)}</details>\n'
    )


def _flat(entry: Entry, own: Said, places: Places) -> str:
    """A paper or a vaccine."""
    where = places.facility(entry.origin.facility) or places.source(entry.origin) if entry.origin else ""
    if entry.paper:
        summary = f" · {escaped(entry.paper.summary)}" if entry.paper.summary else ""
        kind, name, what = "p", own.paper, f"{escaped(entry.paper.title)}{summary}"
    else:
        kind, name, what = "i", own.vaccine, escaped(entry.vaccine)
    day = escaped(words.day(entry.day))
    return f'<div class="flat k-{kind}"><span class="num">{day}</span><span>{name} – {escaped(where)}</span><span>{what}</span></div>\n'


def _detail(visit: Visit, own: Said) -> str:
    end = f" – {escaped(words.moment(visit.end))}" if visit.end and visit.end != visit.start else ""
    room = f" · {escaped(visit.department)}" if visit.department else ""
    parts = [f"<dl><dt>{own.time}</dt><dd>{escaped(words.moment(visit.start))}{end}{room}</dd>\n"]
    if visit.reason:
        parts.append(f"<dt>{own.reason}</dt><dd>{escaped(visit.reason)}</dd>")
    if visit.medicines:
        parts.append(f"<dt>{own.medicines}</dt><dd>{_once(visit.medicines)}</dd>")
    if visit.results:
        parts.append(f"<dt>{own.results}</dt><dd>{' · '.join([_result(result, own) for result in visit.results])}</dd>")
    if visit.procedures:
        parts.append(f"<dt>{own.procedures}</dt><dd>{_once(visit.procedures)}</dd>")
    parts += [f"<dt>{own.note}</dt><dd>{escaped(note)}</dd>" for note in visit.notes]
    if visit.outcome:
        parts.append(f"<dt>{own.outcome}</dt><dd>{escaped(visit.outcome)}</dd>")
    if visit.sources:
        parts.append(f"<dt>{own.sources}</dt><dd>{escaped(own.channels(visit.sources))}</dd>")
    return "".join(parts) + "</dl>"


def _result(result: tuple[str, str, str], own: Said) -> str:
    name, value, flag = result
    said_ = f" {escaped(own.flag(flag))}" if flag else ""
    return f'{escaped(name)} <span class="num {escaped(flag)}">{escaped(value)}</span>{said_}'


def _once(texts: Sequence[str]) -> str:
    return str(escaped(", ".join(dict.fromkeys(texts))))


@lru_cache(maxsize=64)
def _classes(kinds: tuple[str, ...]) -> str:
    return "".join(f" k-{kind}" for kind in kinds)


def diagnoses(found: Iterable[tuple[str, str]]) -> Markup:
    """Write diagnoses with their codes, each once."""
    return Markup("; ".join(map(_diagnosis, dict.fromkeys(found))))  # noqa: S704  # each was escaped


@lru_cache(maxsize=4096)  # the same few hundred illnesses all day
def _diagnosis(coded: tuple[str, str]) -> str:
    code, text = coded
    return str(Markup('{} <span class="code">{}</span>').format(text, code))
