"""What is wrong with a search: every mistake at once, in two languages, without the values that were asked for."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from yba.kit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHOWN: Final = 80  # characters of a name


class Mistake(NamedTuple):
    """One parameter that cannot be read; the value is left out, it may name a person."""

    name: str  # as sent
    vi: str
    en: str


class BadSearch(Invalid):
    """A search that cannot be answered as it is asked; lists all its mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Take the mistakes in the order of the request."""
        self.mistakes = tuple(mistakes)
        super().__init__("; ".join(f"{one.name}: {one.en}" for one in self.mistakes))


class WrongError(Exception):
    """One mistake on its way to the list; `key` names its words."""

    def __init__(self, key: str, **said: object) -> None:
        """Take what the words of `_WORDS` need."""
        super().__init__(key)
        self.key, self.said = key, {name: str(value)[:_SHOWN] for name, value in said.items()}

    def mistake(self, name: str) -> Mistake:
        """Say it of a parameter as it was sent."""
        vi, en = _WORDS[self.key]
        return Mistake(name[:_SHOWN], vi.format(**self.said), en.format(**self.said))


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the known name that looks most like one, as a hint in both languages; "" where none does."""
    found = get_close_matches(name[:_SHOWN], list(names), n=1, cutoff=0.55)
    return f" → {found[0]}?" if found else ""


_WORDS: Final = {
    "unknown": ("{type} không có tham số tìm kiếm {param}{hint}", "{type} has no search parameter {param}{hint}"),
    "unsupported": ("máy chủ không hỗ trợ {param}", "{param} is not supported here"),
    "modifier": ("tham số kiểu {type} không nhận bổ tố :{modifier}{hint}", "a parameter of type {type} takes no modifier :{modifier}{hint}"),
    "target": ("{param} không tham chiếu tới {type}", "{param} does not refer to {type}"),
    "type": ("không có loại tài nguyên {type}{hint}", "there is no resource type {type}{hint}"),
    "no-reference": ("{param} không phải tham chiếu, không thể nối tiếp", "{param} is no reference: nothing can be chained to it"),
    "canonical": (
        "{param} dẫn tới URL chính tắc: tìm thẳng bằng url=…, không nối tiếp được",
        "{param} holds canonical URLs: search for them by url=…; nothing is chained or included by it",
    ),
    "which-type": ("{param} có thể tham chiếu nhiều loại: hãy ghi {param}:Loại", "{param} may refer to many types: write {param}:Type"),
    "has": ("viết _has:Loại:tham-số:tham-số", "write _has:Type:parameter:parameter"),
    "empty": ("thiếu giá trị", "a value is missing"),
    "value": ("giá trị không đúng dạng {type}: {form}", "the value is no {type}: {form}"),
    "once": ("chỉ được ghi một lần", "may be given once only"),
    "one-of": ("chỉ nhận {allowed}", "takes {allowed} only"),
    "too-many": ("quá giới hạn {bound}", "over the bound of {bound}"),
    "too-deep": ("lồng nhau quá {bound} tầng", "nested more than {bound} deep"),
    "too-long": ("dài quá {bound} ký tự", "longer than {bound} characters"),
    "no-sort": ("không thể sắp xếp theo {param}", "cannot sort by {param}"),
    "no-include": ("không dùng cùng _include, _revinclude", "cannot be mixed with _include and _revinclude"),
    "include": ("viết Loại:tham-số[:Loại] hoặc *", "write Type:parameter[:Type] or *"),
    "include-source": ("{type} không phải loại được tìm; dùng :iterate", "{type} is not what is searched for; use :iterate"),
    "system-only": ("chỉ dùng khi tìm trên mọi loại tài nguyên", "is for searches over all types only"),
    "filter": ("biểu thức sai ở ký tự {at}: cần {expected}", "wrong at character {at}: expected {expected}"),
    "operator": ("tham số kiểu {type} không nhận phép so sánh {operator}", "a parameter of type {type} takes no operator {operator}"),
}
