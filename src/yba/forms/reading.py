"""What a browser sent -> answers: the very texts are kept, what can be read of them is typed, and what cannot is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba.kit.errors import TooMuch

from .model import Answers, Problem
from .names import ANSWER, MOST_ROWS, ROWS, UNIT, name_of, place_of
from .tidy import tidy
from .values import typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from .model import Form, Item, Place, Value

LONGEST: Final = 20_000  # characters of one answer; a pasted discharge letter has 8,000
MOST: Final = 1_000_000  # characters of a whole form
MOST_FIELDS: Final = 20_000  # fields of one posting
_SHOWN: Final = {
    "boolean": ("Hãy chọn Có hoặc Không.", "Choose yes or no."),
    "decimal": ("Hãy nhập một số, ví dụ 36,7.", "Give a number, such as 36.7."),
    "integer": ("Hãy nhập một số nguyên.", "Give a whole number."),
    "quantity": ("Hãy nhập một số kèm đơn vị đã nêu.", "Give a number in the unit shown."),
    "date": ("Hãy nhập ngày dạng dd/mm/yyyy (hoặc mm/yyyy, yyyy nếu không rõ ngày).", "Give a date as dd/mm/yyyy (or mm/yyyy, yyyy)."),
    "dateTime": ("Hãy nhập ngày giờ dạng dd/mm/yyyy hh:mm.", "Give date and time as dd/mm/yyyy hh:mm."),
    "time": ("Hãy nhập giờ dạng hh:mm.", "Give a time as hh:mm."),
    "choice": ("Hãy chọn một mục trong danh sách.", "Choose one of the list."),
    "url": ("Hãy nhập một địa chỉ (https://…).", "Give an address (https://…)."),
    "reference": ("Hãy nhập dạng Loại/mã.", "Give Type/id."),
}


def answers(form: Form, posted: Mapping[str, Sequence[str]]) -> Answers:
    """Read what a browser sent: fields ``a:<place>`` (answers), ``u:<place>`` (unit), ``n:<place>`` (rows of a repeating group).

    Answers to questions the form does not have are said (rule "unknown") and left out; other fields are not ours. Raises TooMuch over
    1,000,000 characters or 20,000 fields.
    """
    if len(posted) > MOST_FIELDS or sum(len(text) for texts in posted.values() for text in texts) > MOST:
        raise TooMuch("Biểu mẫu gửi lên quá lớn.", advice="The form that was sent is too large.")
    texts: dict[Place, tuple[str, ...]] = {}
    units: dict[Place, str] = {}
    rows: dict[Place, int] = {}
    wrong: list[Problem] = []
    for name, given in posted.items():
        kind, about = name[:2], name[2:]
        if kind not in {ANSWER, UNIT, ROWS} or not given:
            continue
        place = place_of(form, about)
        if place is None:
            wrong += [_unknown(about)] if any(text.strip() for text in given) else []
        elif kind == UNIT:
            units[place] = given[-1].strip()[:60]
        elif kind == ROWS:
            rows[place] = max(1, min(MOST_ROWS, int(given[-1]))) if given[-1].isascii() and given[-1].isdigit() and len(given[-1]) < 6 else 1  # noqa: PLR2004
        else:
            _take(form.items[place[0]], place, given, texts)
    _count_rows(form, texts, rows)
    return _typed(form, texts, units, rows, wrong)


def _unknown(about: str) -> Problem:
    shown = about[:60]
    return Problem(
        "",
        "",
        "unknown",
        hard=False,
        vi=f"Biểu mẫu không có câu hỏi {shown!r}; câu trả lời này bị bỏ qua.",
        en=f"The form has no question {shown!r}.",
    )


def _take(item: Item, place: Place, given: Sequence[str], texts: dict[Place, tuple[str, ...]]) -> None:
    if not item.is_question or item.calculated:
        return
    kept = tuple(filter(None, (tidy(text, lines=item.type == "text") for text in given)))
    if kept:
        texts[place] = kept if item.repeats else kept[-1:]


def _count_rows(form: Form, texts: Mapping[Place, object], rows: dict[Place, int]) -> None:
    """Let every repeating group have the rows that answers stand in."""
    for link_id, at in texts:
        above = form.items[link_id].above
        for depth, group in enumerate(above):
            outer = (group, at[:depth])
            rows[outer] = max(rows.get(outer, 1), at[depth] + 1)


def _typed(form: Form, texts: dict[Place, tuple[str, ...]], units: dict[Place, str], rows: dict[Place, int], wrong: list[Problem]) -> Answers:
    values: dict[Place, tuple[Value, ...]] = {}
    for place, given in texts.items():
        item = form.items[place[0]]
        if any(len(text) > LONGEST for text in given):
            wrong.append(_problem(place, "length", f"Nội dung quá dài: tối đa {LONGEST} ký tự.", f"Too long: {LONGEST} characters at most."))
            continue
        read = [typed(item, text, units.get(place, "")) for text in given]
        values[place] = tuple(one for one in read if one is not None)
        if None in read:
            wrong.append(_problem(place, "type", *_SHOWN.get(item.type, _SHOWN["choice"])))
    return Answers(texts, units, rows, values, tuple(wrong))


def _problem(place: Place, rule: str, vi: str, en: str) -> Problem:
    return Problem(place[0], name_of(place), rule, hard=True, vi=vi, en=en)


def posted(form: Form, given: Answers) -> dict[str, list[str]]:
    """Write answers as a browser would send them: how a draft keeps them, whatever becomes of the form's next version."""
    return dict(_fields(form, given))


def _fields(form: Form, given: Answers) -> Iterator[tuple[str, list[str]]]:
    known = form.items
    for place, texts in given.texts.items():
        if place[0] in known:
            yield ANSWER + name_of(place), list(texts)
    for place, unit in given.units.items():
        yield UNIT + name_of(place), [unit]
    for place, count in given.rows.items():
        yield ROWS + name_of(place), [str(count)]


def add_row(form: Form, given: Answers, name: str) -> Answers:
    """Give a repeating group one row more; the same answers when there is no such group or it is full."""
    place = place_of(form, name)
    item = form.items.get(place[0]) if place else None
    if place is None or item is None or not item.repeats or item.type != "group":
        return given
    most = min(MOST_ROWS, item.occurs[1] or MOST_ROWS)
    return Answers(given.texts, given.units, {**given.rows, place: min(most, given.rows.get(place, 1) + 1)}, given.values, given.unread)


def drop_row(form: Form, given: Answers, name: str, row: int) -> Answers:
    """Take one row of a repeating group out; those after it move up."""
    place = place_of(form, name)
    if place is None or form.items[place[0]].type != "group" or not 0 <= row < given.rows.get(place, 1):
        return given
    group, outer = place
    depth = len(outer)

    def moved(at: Place) -> Place | None:
        item = form.items[at[0]]
        if group not in item.above or at[1][:depth] != outer:
            return at
        own = at[1][depth]
        return None if own == row else at if own < row else (at[0], (*at[1][:depth], own - 1, *at[1][depth + 1 :]))

    texts = {to: value for at, value in given.texts.items() if (to := moved(at))}
    units = {to: value for at, value in given.units.items() if (to := moved(at))}
    rows = {to: value for at, value in given.rows.items() if (to := moved(at))}
    rows[place] = max(1, given.rows.get(place, 1) - 1)
    return _typed(form, texts, units, rows, [])
