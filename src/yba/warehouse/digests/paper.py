"""A digest as a PDF (A4), set by typst: the kept content alone, nothing is counted here."""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Final

import orjson
import typst

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final = {
    "vi": {
        "until": "Số liệu đến", "target": "chỉ tiêu", "reached": "đạt", "short": "chưa đạt", "before": "kỳ trước", "heard": "đơn vị đã gửi",
        "worst": "Xấu nhất", "improved": "Tốt lên nhiều nhất",
        "alerts": "Cảnh báo đang mở", "no_worst": "Không nơi nào ngoài giới hạn 95 %: khác nhau chỉ ở mức ngẫu nhiên.",
        "no_improved": "Không nơi nào tốt lên quá mức ngẫu nhiên so với kỳ trước.", "no_alerts": "Không có cảnh báo nào đang mở.",
        "taken": "đã tiếp nhận",
        "more": "cảnh báo nữa ở trang Cảnh báo",
        "page": "Trang", "hidden": "Số về quá ít người được che. Cách tính từng số: trang Số liệu.", "of": "kỳ gần nhất, mới nhất bên phải",
    },
    "en": {
        "until": "Numbers until", "target": "target", "reached": "reached", "short": "not reached",
        "before": "before", "heard": "facilities have sent",
        "worst": "Worst", "improved": "Most improved",
        "alerts": "Open alerts", "no_worst": "No place beyond the 95 % limits: the differences are what chance makes.",
        "no_improved": "No place improved by more than chance since the period before.", "no_alerts": "No open alert.", "taken": "taken on",
        "more": "more alerts on page Alerts",
        "page": "Page", "hidden": "Numbers about too few people are hidden. How each number is made: page Measures.",
        "of": "last periods, the newest on the right",
    },
}  # fmt: skip


def paper(content: Mapping[str, Any], lang: str) -> bytes:
    """Return the PDF of a digest's content in one language."""
    told = orjson.dumps({"content": content, "lang": lang, "words": _WORDS[lang]}).decode()
    return bytes(typst.compile(_template(), font_paths=_fonts(), sys_inputs={"data": told}))


@cache
def _template() -> bytes:
    return files("yba.warehouse.digests").joinpath("digest.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Be Vietnam Pro, if the build fetched it (tools/build_web.py), and the system's fonts; read once."""
    with as_file(files("yba").joinpath("web", "static", "fonts")) as folder:
        return typst.Fonts(font_paths=[str(folder)] if folder.is_dir() else [])
