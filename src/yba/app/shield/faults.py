"""Pages and JSON for what went wrong before or around a page, in Vietnamese and English: what, what to do; never a stack, an address or a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.html import escape

from yba.web import kept

if TYPE_CHECKING:
    from django.http import HttpRequest


class Words(NamedTuple):
    """A heading and what to do, in Vietnamese and English."""

    vi: tuple[str, str]
    en: tuple[str, str]


WORDS: Final = {
    "bad": Words(
        ("Không đọc được yêu cầu", "Quay lại trang trước, tải lại rồi thử lần nữa."),
        ("The request cannot be read", "Go back, load the page again and try once more."),
    ),
    "forbidden": Words(
        ("Không được phép", "Tài khoản này không có quyền mở trang. Hỏi quản trị viên của cơ sở nếu cần cho công việc."),
        ("Not allowed", "This account may not open the page. Ask your facility's administrator if you need it for your work."),
    ),
    "csrf": Words(
        ("Biểu mẫu đã hết hạn", "Để an toàn, biểu mẫu không được gửi. Quay lại, tải lại trang rồi gửi lần nữa; trình duyệt phải cho phép cookie."),
        ("The form has expired", "To be safe, it was not sent. Go back, load the page again and send it once more; the browser must allow cookies."),
    ),
    "tls": Words(
        (
            "Phải dùng kết nối https",
            "Dữ liệu vừa gửi đã đi qua mạng không mã hóa và không được nhận. Sửa địa chỉ thành https và đổi mật khẩu đã gửi.",
        ),
        ("Use https", "What was sent went unencrypted and was not taken in. Mend the address to https and change the password that was sent."),
    ),
    "missing": Words(
        ("Không có trang này", "Kiểm tra lại địa chỉ, hoặc về trang chính."),
        ("There is no such page", "Check the address, or go to the main page."),
    ),
    "size": Words(
        ("Nội dung gửi quá lớn", "Địa chỉ này nhận nhiều nhất {largest} byte. Tệp hồ sơ lớn gửi qua cổng tiếp nhận hoặc thư mục."),
        ("What was sent is too large", "This address takes {largest} bytes at most. Large claims files go through the gateway or a folder."),
    ),
    "pace": Words(
        ("Thao tác quá nhanh", "Đợi {wait} giây rồi thử lại."),
        ("Too many requests", "Wait {wait} seconds and try again."),
    ),
    "broken": Words(
        ("Hệ thống gặp lỗi", "Việc vừa làm chưa được ghi. Thử lại sau ít phút; nếu còn lỗi, báo quản trị viên giờ và phút xảy ra."),
        ("Something went wrong", "What you did was not saved. Try again in a few minutes; if it stays, tell the administrator the hour and minute."),
    ),
}
_FOR_SOFTWARE: Final = ("/api/", "/intake/")
_PAGE: Final = (
    '<!doctype html>\n<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
    '<title>{title} · Y bạ</title><link rel="stylesheet" href="{style}"></head><body><main id="main">'
    '<section class="card"><h1>{title}</h1><p>{what}</p><p><a href="/">Về trang chính</a></p></section>'
    '<section class="card soft" lang="en"><h2>{title_en}</h2><p>{what_en}</p></section></main></body></html>\n'
)


def answer(request: HttpRequest, status: int, kind: str, **values: int) -> HttpResponse:
    """Answer people with a page in both languages and software with JSON; nothing of the request is repeated."""
    words = WORDS[kind]
    told = {lang: (heading, what.format(**values)) for lang, (heading, what) in words._asdict().items()}
    if request.path.startswith(_FOR_SOFTWARE):
        message, english = ("{}. {}".format(*told[lang]) for lang in ("vi", "en"))
        return JsonResponse({"code": str(status), "maKetQua": str(status), "message": message, "message_en": english}, status=status)
    page = _PAGE.format(
        style=reverse("accounts_asset", args=["style.css"]),
        title=escape(told["vi"][0]),
        what=escape(told["vi"][1]),
        title_en=escape(told["en"][0]),
        what_en=escape(told["en"][1]),
    )
    return HttpResponse(page, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # Django's signature: the exception may quote the request
    """Answer 400."""
    return answer(request, 400, "bad")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # same
    """Answer 403."""
    return answer(request, 403, "forbidden")


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  # same
    """Answer 403 to a form without its token, or from elsewhere; one of the account's own, of before it signed in, is given back to look at."""
    if kept.keep(request):
        return HttpResponseRedirect(kept.BACK)
    return answer(request, 403, "csrf")


def missing(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  # same
    """Answer 404."""
    return answer(request, 404, "missing")


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500; what happened stands in the log, without its message."""
    return answer(request, 500, "broken")
