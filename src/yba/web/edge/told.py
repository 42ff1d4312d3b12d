"""What rooms below say in Vietnamese alone and a page may show: named here, so that the catalogue holds its English."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from yba.web.words import FIRST, catalogue
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from yba.kit.errors import YbaError

KNOWN: Final = (
    _n("Giờ tử vong phải sau giờ tiếp nhận và không ở tương lai."),
    _n("Cần ghi đã báo bằng cách nào, cho ai (số công văn, cuộc gọi)."),
    _n("Đã báo UBND xã trước đó."),
    _n("Cần ghi căn cứ xác định danh tính."),
    _n("Người bệnh này đã được xác định danh tính."),
    _n("Không có người bệnh không rõ danh tính mang mã này."),
    _n("Giờ tiếp nhận không ở tương lai."),
    _n("Mã QR này không phải của thẻ căn cước."),
    _n("Số trong mã QR không đọc được."),
    _n("Mã QR thiếu họ tên."),
    _n("Không có người này."),
    _n("Không có hồ sơ này."),
    _n("Không có mục đối soát này."),
    _n("Mục đối soát này đã đóng."),
    _n("Không có đợt xác minh này."),
    _n("Không có màn hình này, hoặc đã kết thúc."),
    _n("Người này chưa có số định danh để xác minh."),
    _n("Số cần xác minh gồm 12 chữ số (hoặc 9 chữ số của CMND cũ)."),
    _n("Cần họ tên để xác minh, dài tối đa 100 ký tự."),
    _n("Cần ngày sinh (hoặc năm sinh) để xác minh."),
    _n("Cần mã thẻ (15, 10 hoặc 12 ký tự), họ tên và ngày sinh hoặc năm sinh để tra cứu."),
    _n("Không có trả lời tra cứu này."),
    _n("Việc duyệt không khớp với đề nghị nào đang mở của người khác."),
    _n("Không có lần gộp hoặc tách này."),
    _n("Mã tạm này đã gắn với một người khác."),
)
_NOT_NAMED: Final = _n("Điều vừa gửi không được nhận, hoặc không có ở đây.")


def words(error: YbaError, lang: str) -> str:
    """Say what an error says in the reader's language: errors of ours speak Vietnamese and advise in English, few know both."""
    known = str(getattr(error, lang, ""))
    if known:
        return known
    if lang == FIRST:
        return str(error) if _vietnamese(error.advice) or not _vietnamese(error.message) else error.message
    if error.advice and not _vietnamese(error.advice):
        return error.advice[:1].upper() + error.advice[1:]
    if not _vietnamese(error.message):
        return error.message
    texts = catalogue(lang)
    found = texts.gettext(error.message)
    return texts.gettext(_NOT_NAMED) if _vietnamese(found) else found


def _vietnamese(text: str) -> bool:
    """Whether a text has a letter that only Vietnamese writes."""
    return any(letter in "đĐ" or len(unicodedata.normalize("NFD", letter)) > 1 for letter in unicodedata.normalize("NFC", text))
