"""What is wrong with answers: required, type, soft and hard limits, lists, constraints; the same rules a page carries in data- attributes."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import regex

from yba.fhir import fhirpath
from yba.specs import unborn

from .deciding import NOWHERE, settle
from .limits import above, below
from .model import Problem
from .names import name_of, places
from .values import said

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .deciding import Settled
    from .model import Answers, Constraint, Form, Item, Place, Value

_PATIENCE: Final = 0.2  # seconds a pattern of an uploaded form may take
_STEPS: Final = 200_000


def check(form: Form, answers: Answers, *, patient: dict[str, Any] | None = None, environment: fhirpath.Environment = NOWHERE) -> list[Problem]:
    """Say everything that is wrong, in the order of the form; soft problems (``hard`` False) need somebody who confirms them."""
    return problems(settle(form, answers, patient=patient, environment=environment), environment)


def problems(settled: Settled, environment: fhirpath.Environment = NOWHERE) -> list[Problem]:
    """Say what is wrong with answers that are settled already; what could not be read counts only where it is still asked."""
    form = settled.form
    found = [one for one in settled.answers.unread if not one.link_id or _asked(settled, one)]
    for item, rows in places(form.root, settled.answers.rows):
        if settled.is_shown(item.link_id, rows):
            found += _of(item, (item.link_id, rows), settled)
    found += _constraints(settled, environment)
    found += _untold(settled)
    order = {link_id: number for number, link_id in enumerate(form.items)}
    return sorted(dict.fromkeys(found), key=lambda one: order.get(one.link_id, -1))


def _untold(settled: Settled) -> Iterator[Problem]:
    """Refuse words that tell the sex of an unborn child: no form stores them (Law 113/2025, BAOMAT-CB-R13)."""
    for place, texts in settled.answers.texts.items():
        if place in settled.shown and any(unborn.tells_sex(text, imaging=True) for text in texts):
            vi = "Không được ghi giới tính thai nhi: hãy bỏ phần đó."
            yield _refusing(place, "fetal-sex", vi, "The sex of an unborn child may not be recorded: leave it out.")


def _asked(settled: Settled, problem: Problem) -> bool:
    return any(name_of(place) == problem.at for place in settled.shown)


def _of(item: Item, place: Place, settled: Settled) -> Iterator[Problem]:
    if item.type == "group":
        yield from _rows(item, place, settled)
        return
    if not item.is_question:
        return
    given, typed_in = settled.values.get(place, ()), settled.answers.texts.get(place, ())
    if item.required and not given and not typed_in and not item.hidden and not item.calculated:
        yield _refusing(place, "required", "Chưa trả lời.", "An answer is needed.")
    least, most = item.occurs
    if given and ((least and len(given) < least) or (most and len(given) > most)):
        yield _refusing(place, "occurs", f"Cần từ {least} đến {most or '∞'} câu trả lời.", f"Between {least} and {most or '∞'} answers are needed.")
    for value in given:
        yield from _limits(item, place, value)
        if value.type in {"String", "Uri"}:
            yield from _text(item, place, str(value.data))


def _rows(item: Item, place: Place, settled: Settled) -> Iterator[Problem]:
    """A required group needs one answer somewhere in it."""
    outer = place[1][:-1] if item.repeats else place[1]
    if item.required and (not item.repeats or place[1][-1] == 0):
        inside = {one.link_id for one in item.walk()}
        if not any(at[0] in inside and at[1][: len(outer)] == outer and given for at, given in settled.values.items() if at in settled.shown):
            yield _refusing((item.link_id, outer), "required", "Chưa trả lời câu nào trong phần này.", "Nothing in this part is answered.")


class _Amounts:
    """A value and the limits of its question as they are written in one language."""

    def __init__(self, item: Item, value: Value, lang: str) -> None:
        unit = f" {item.unit_text(lang)}" if item.unit[1] else ""
        self.said = said(item, value, lang)
        self.low, self.high = f"{_plain(item.hard.low)}{unit}", f"{_plain(item.hard.high)}{unit}"
        self.usual = f"{_plain(item.soft.low) or '…'}–{_plain(item.soft.high) or '…'}{unit}"


def _limits(item: Item, place: Place, value: Value) -> Iterator[Problem]:
    vi, en = (_Amounts(item, value, lang) for lang in ("vi", "en"))
    if below(value, item.hard):
        yield _refusing(place, "minimum", f"{vi.said}: thấp nhất được nhận là {vi.low}.", f"{en.said}: the lowest accepted is {en.low}.")
    elif above(value, item.hard):
        yield _refusing(place, "maximum", f"{vi.said}: cao nhất được nhận là {vi.high}.", f"{en.said}: the highest accepted is {en.high}.")
    elif below(value, item.soft) or above(value, item.soft):
        told = f"{vi.said}: khác thường (thường {vi.usual}). Có đúng không?", f"{en.said}: unusual (usually {en.usual}). Is it right?"
        yield _asking(place, "unusual", *told)
    data = value.data.get("value") if value.type == "Quantity" else value.data
    if item.decimals is not None and value.type in {"Decimal", "Quantity"} and -data.as_tuple().exponent > item.decimals:
        yield _refusing(place, "decimals", f"Tối đa {item.decimals} chữ số sau dấu phẩy.", f"{item.decimals} decimals at most.")


def _plain(bound: Any) -> str:  # noqa: ANN401  # a number or a date
    if bound is None:
        return ""
    text = str(bound)
    return "/".join(reversed(text.split("-"))) if re.fullmatch(r"\d{4}(-\d\d){0,2}", text) else text.replace(".", ",")


def _text(item: Item, place: Place, text: str) -> Iterator[Problem]:
    least, most = item.lengths
    if most and len(text) > most:
        yield _refusing(place, "length", f"Quá dài: tối đa {most} ký tự.", f"Too long: {most} characters at most.")
    elif least and len(text) < least:
        yield _refusing(place, "length", f"Quá ngắn: tối thiểu {least} ký tự.", f"Too short: {least} characters at least.")
    elif item.pattern and not _matches(item.pattern, text):
        told_vi, told_en = item.help_vi or "Không đúng dạng yêu cầu.", item.help_en or "It does not have the form that is expected."
        yield _refusing(place, "pattern", told_vi, told_en)


@lru_cache(maxsize=512)
def _pattern(text: str) -> regex.Pattern[str] | None:
    try:
        return regex.compile(text)
    except regex.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    """Whether a text is of a pattern; one that takes too long, or is none, refuses nothing."""
    found = _pattern(pattern)
    try:
        return found is None or found.fullmatch(text, timeout=_PATIENCE) is not None
    except TimeoutError:
        return True


def _constraints(settled: Settled, environment: fhirpath.Environment) -> Iterator[Problem]:
    whole = fhirpath.root(settled.doc)
    purse = fhirpath.Purse(_STEPS)
    for rule in settled.form.root.constraints:
        if not _holds(rule, whole, whole, environment, purse):
            yield Problem("", "", rule.key or "constraint", rule.hard, rule.vi, rule.en)
    for place, doc in settled.nodes.items():
        for rule in settled.form.items[place[0]].constraints:
            if not _holds(rule, fhirpath.root(doc, "QuestionnaireResponse.item"), whole, environment, purse):
                yield Problem(place[0], name_of(place), rule.key or "constraint", rule.hard, rule.vi, rule.en)


def _holds(rule: Constraint, node: Any, whole: Any, environment: fhirpath.Environment, purse: fhirpath.Purse) -> bool:  # noqa: ANN401  # nodes of a document
    """Whether a rule holds; one that cannot be evaluated refuses nothing (compiling found out whether it can be read)."""
    try:
        return fhirpath.compile(rule.expression).holds(node, whole, whole, environment, purse)
    except fhirpath.FHIRPathError:
        return True


def _refusing(place: Place, rule: str, vi: str, en: str) -> Problem:
    return Problem(place[0], name_of(place), rule, hard=True, vi=vi, en=en)


def _asking(place: Place, rule: str, vi: str, en: str) -> Problem:
    return Problem(place[0], name_of(place), rule, hard=False, vi=vi, en=en)
