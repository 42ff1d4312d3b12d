"""Measures in words: periods, dimensions and their values, as a reader says them in either language."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from yba.kit import clock
from yba.record import words as days
from yba.specs.measures import DetailOf, Dimension, PeriodKind, Semantics
from yba.warehouse import detail_words
from yba.web.facilities import commune_name, places
from yba.web.words import FIRST
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from yba.specs.measures import Measure
    from yba.specs.reading import Words
    from yba.warehouse import Cell, Period
    from yba.web.edge import Visit

    Named = Callable[[Dimension, str | None], str]

KINDS: Final = {
    PeriodKind.WEEK: _n("Tuần"), PeriodKind.MONTH: _n("Tháng"), PeriodKind.QUARTER: _n("Quý"), PeriodKind.YEAR: _n("Năm"),
    PeriodKind.CUSTOM: _n("Từ ngày đến ngày"),
}  # fmt: skip
SEMANTICS: Final = {
    Semantics.FLOW: _n("những gì xảy ra trong kỳ"),
    Semantics.STOCK: _n("tình trạng ở cuối kỳ"),
    Semantics.CUMULATIVE: _n("cộng dồn từ đầu năm đến cuối kỳ"),
}
DIMENSIONS: Final = {
    Dimension.FACILITY: _n("Cơ sở"), Dimension.COMMUNE: _n("Xã, phường nơi ở"), Dimension.AGE_BAND: _n("Nhóm tuổi"), Dimension.SEX: _n("Giới"),
    Dimension.PAYER: _n("Nguồn chi trả"), Dimension.DETAIL: _n("Chi tiết"),
}  # fmt: skip
_LONG: Final = {
    PeriodKind.WEEK: _n("Tuần %(n)s/%(year)s (%(first)s – %(last)s)"), PeriodKind.MONTH: _n("Tháng %(n)s/%(year)s"),
    PeriodKind.QUARTER: _n("Quý %(n)s/%(year)s"), PeriodKind.YEAR: _n("Năm %(year)s"),
}  # fmt: skip
_CUT: Final = _n("%(words)s, chốt ngày %(day)s")
_SEXES: Final = {"male": _n("Nam"), "female": _n("Nữ"), "other": _n("Khác"), "unknown": _n("Chưa rõ giới tính")}
_PAYERS: Final = {"bhyt": _n("Bảo hiểm y tế"), "self": _n("Không dùng thẻ BHYT"), "unknown": _n("Không rõ nguồn chi trả")}
_OWNERS: Final = {"Sở Y tế": _n("Sở Y tế"), "Bảo hiểm xã hội": _n("Bảo hiểm xã hội"), "CDC tỉnh": _n("CDC tỉnh")}
_BUILDERS: Final = re.compile(r"founding engineers (\d{4}-\d\d-\d\d), not by a statistician")
_UNCHECKED: Final = _n("nhóm xây dựng kiểm tra ngày %(day)s, chưa có chuyên gia thống kê")
_INFANTS: Final = _n("dưới 1 tuổi")
_AGES: Final = _n("%(band)s tuổi")
_OLDEST: Final = _n("từ %(age)s tuổi")
_UNKNOWN: Final = _n("không rõ")
_LISTING: Final = re.compile("[:;,(]")
_FACILITY: Final = 5  # letters of MA_CSKCB


def said(words: Words, lang: str) -> str:
    """Choose the language of words of the specs."""
    return words.vi if lang == FIRST else words.en


def owner_words(visit: Visit, spec: Measure) -> str:
    """Say who answers for a measure; an owner a province named itself stays as it is written."""
    return ", ".join(visit.say(_OWNERS[one]) if one in _OWNERS else one for one in spec.owner.split(", "))


def checked_words(visit: Visit, spec: Measure) -> str:
    """Say who checked a measure and when; what somebody else wrote stays as it is."""
    if found := _BUILDERS.fullmatch(spec.checked_by):
        return visit.say(_UNCHECKED) % {"day": days.day(found[1])}
    return spec.checked_by


def dimension_words(visit: Visit, spec: Measure, one: Dimension) -> str:
    """Say a dimension; the measure's own by the words it describes it with, up to where these list its values."""
    told = said(spec.detail, visit.lang) if one is Dimension.DETAIL and spec.detail else ""
    short = _LISTING.split(told, maxsplit=1)[0].strip()
    is_value = not short or short[0].isdigit() or short.split()[0] in spec.details
    return visit.say(DIMENSIONS[one]) if is_value else short


def period_words(one: Period, visit: Visit) -> str:
    """Say a period: "Tháng 10/2026", "Tuần 43/2026 (19/10 – 25/10)", "15/09/2026 – 14/10/2026"."""
    last = one.end - timedelta(days=1)
    if one.kind not in _LONG:
        return f"{one.start:%d/%m/%Y} – {last:%d/%m/%Y}"
    label, _, cut = one.label.partition("@")
    year, _, part = label.partition("-")
    told = visit.say(_LONG[one.kind]) % {"year": year, "n": part.lstrip("WQ"), "first": f"{one.start:%d/%m}", "last": f"{last:%d/%m}"}
    return visit.say(_CUT) % {"words": told, "day": cut} if cut else told


def naming(visit: Visit, spec: Measure, cells: Iterable[Cell]) -> Named:
    """Return what names a value of a dimension; facilities are asked for once, for all cells."""
    held = [*cells]
    codes = {cell.dimensions.get(Dimension.FACILITY) or "" for cell in held}
    if spec.detail_of is DetailOf.FACILITY:
        codes |= {cell.dimensions.get(Dimension.DETAIL) or "" for cell in held}
    return named(visit, spec, codes)


def named(visit: Visit, spec: Measure, facilities: Iterable[str]) -> Named:
    """Return what names a value of a dimension; the only facilities it knows are those given here (MA_CSKCB)."""
    called = places(visit, {one for one in facilities if len(one) == _FACILITY})

    def name(dimension: Dimension, value: str | None) -> str:
        if value is None:
            return visit.say(_UNKNOWN)
        match dimension:
            case Dimension.FACILITY:
                return called.get(value, value)
            case Dimension.COMMUNE:
                return commune_name(visit, value)
            case Dimension.AGE_BAND:
                return age_words(value, visit)
            case Dimension.DETAIL:
                return called.get(value, value) if spec.detail_of is DetailOf.FACILITY else said(detail_words(spec, value, clock.today()), visit.lang)
        table = _SEXES if dimension is Dimension.SEX else _PAYERS
        return visit.say(table[value]) if value in table else value

    return name


def age_words(band: str, visit: Visit) -> str:
    """Say an age band: "0", "1-4", "80+"."""
    if band == "0":
        return visit.say(_INFANTS)
    if band.endswith("+"):
        return visit.say(_OLDEST) % {"age": band[:-1]}
    return visit.say(_AGES) % {"band": band.replace("-", "–")}
