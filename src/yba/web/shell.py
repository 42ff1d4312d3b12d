"""The frame around every page: banner, search, menu of what the reader holds, language, sign-out; and the headers of an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse
from django.middleware.csrf import get_token
from markupsafe import Markup

from yba import accounts
from yba.access import Right
from yba.kit import Internal, clock
from yba.record import words
from yba.specs.boards import boards

from . import assets, kept
from .render import environment
from .words import FIRST, SECOND
from .words import marked as _n

if TYPE_CHECKING:
    from .edge import Visit


# Address, words, and the rights of which one must be held to see the line.
_MENU: Final = (
    ("/register", _n("Đăng ký"), (Right.CARE_PERSON_REGISTER,)),
    ("/director", _n("Điều hành"), (Right.WAREHOUSE_MEASURE_READ,)),
    ("/alerts", _n("Cảnh báo"), (Right.WAREHOUSE_ALERT_READ,)),
    ("/clerk", _n("Đối soát"), (Right.IDENTITY_REVIEW_READ,)),
    ("/unknown", _n("Không rõ danh tính"), (Right.IDENTITY_UNKNOWN_REGISTER,)),
    ("/temporary", _n("Mã tạm"), (Right.IDENTITY_IDENTIFIER_WRITE,)),
    ("/registers", _n("Xác minh"), (Right.IDENTITY_REGISTER_ASK,)),
    ("/emergencies", _n("Mở khẩn cấp"), (Right.ACCESS_EMERGENCY_READ,)),
    ("/books", _n("Sổ sách"), (Right.WAREHOUSE_ROW_READ,)),
    ("/measures", _n("Số liệu"), (Right.WAREHOUSE_MEASURE_READ,)),
    ("/reports-period", _n("Báo cáo định kỳ"), (Right.WAREHOUSE_REPORT_READ,)),
    ("/reports", _n("Phản ánh"), (Right.AUDIT_TRAIL_READ,)),
    ("/trail", _n("Nhật ký"), (Right.AUDIT_TRAIL_READ, Right.AUDIT_SECURITY_READ)),
    ("/admin/accounts", _n("Tài khoản"), (Right.ACCOUNTS_ACCOUNT_READ,)),
    ("/admin/review", _n("Rà soát quyền"), (Right.ACCOUNTS_REVIEW_READ,)),
    ("/admin/screens", _n("Màn hình"), (Right.ACCOUNTS_SCREEN_READ,)),
    ("/admin/clients", _n("Phần mềm cơ sở"), (Right.ACCOUNTS_CLIENT_READ,)),
    ("/forms", _n("Biểu mẫu"), (Right.FORMS_FORM_READ,)),
    ("/admin/roles", _n("Vai trò"), (Right.ACCESS_ROLE_READ,)),
)
_OWN: Final = (("/me", _n("Hồ sơ của tôi")), ("/me/looks", _n("Ai đã xem")), ("/me/notices", _n("Thông báo")))
_DESK: Final = _n("Việc hôm nay")
_HOME: Final = _n("Trang chính")
_OF_PAGES: Final = frozenset({"given", "done", "wrong"})  # a page may say itself what was typed, done and wrong
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def answer(visit: Visit, template: str, /, *, status: int = 200, paper: bool = False, **values: Any) -> HttpResponse:  # noqa: ANN401  # what a template takes
    """Lay out a page of templates/yba within the frame; ``paper``: our own words spelled out.

    Raises Internal where a page would put its own value for a name the frame reads.
    """
    framed = frame(visit)
    if taken := framed.keys() & values.keys() - _OF_PAGES:
        raise Internal(f"page {template} names what the frame reads: {', '.join(sorted(taken))}")
    html = environment(visit.lang, paper=paper).get_template(f"yba/{template}.html").render({**framed, **values})
    return harden(HttpResponse(html, status=status))


def frame(visit: Visit) -> dict[str, Any]:
    """Return what every template takes: language, banner, menu, name, token."""
    request = visit.request
    other = request.GET.copy()
    other["lang"] = SECOND if visit.lang == FIRST else FIRST
    return {
        "lang": visit.lang,
        "other_lang": other["lang"],
        "other_query": "?" + other.urlencode(),
        "csrf": hidden_token(get_token(request)) + hidden_mark(request.user.pk),
        "demo": accounts.demo_allowed(),
        "menu": _menu(visit),
        "here": request.path,
        "who": request.user.get_full_name(),
        "printed_at": words.moment(clock.now().isoformat()),
        "printed_where": ", ".join(sorted(visit.by.facilities or ())),
        "finds": visit.may(Right.IDENTITY_PERSON_FIND),
        "may": lambda right: visit.may(Right(right)),
        "wrong": visit.wrong,
        "given": request.POST if visit.wrong else {},
        "done": visit.asked("done", 20),
        "unsent": kept.waits(request) and request.path != kept.BACK,
        "style": assets.STYLE,
        "script": assets.SCRIPT,
        "htmx": assets.HTMX,
    }


def hidden_token(token: str) -> Markup:
    """Return the hidden field every form carries."""
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(token)


def hidden_mark(account: object) -> Markup:
    """Return the hidden field that says whose page a form stands on: only that account is given back what it typed."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(kept.TYPED_BY, kept.mark(account))


def harden(answer_: HttpResponse) -> HttpResponse:
    """Keep an answer out of caches and let it load nothing but our own files; the middleware of security headers may say more."""
    answer_.headers.setdefault("Cache-Control", "no-store")
    answer_.headers.setdefault("Content-Security-Policy", _POLICY)
    answer_.headers.setdefault("Referrer-Policy", "same-origin")
    answer_.headers.setdefault("X-Content-Type-Options", "nosniff")
    return answer_


def first_board(visit: Visit) -> str:
    """Return the board of numbers its reader begins the day with (`specs/boards`, ``roles``); "" for who looks after people, or holds no numbers."""
    if not visit.may(Right.WAREHOUSE_MEASURE_READ) or visit.may(Right.IDENTITY_PERSON_FIND):
        return ""
    held = {grant.role for grant in visit.by.grants}
    return next((name for name, board in boards().items() if held & {*board.roles}), "")


def _menu(visit: Visit) -> list[tuple[str, str]]:
    desk = visit.may(Right.CARE_VISIT_WRITE) and bool(visit.by.facilities)
    lines = [("/desk", visit.say(_DESK))] if desk else []
    lines.append(("/home" if desk or first_board(visit) else "/", visit.say(_HOME)))
    if visit.own is not None:
        lines += [(address, visit.say(words)) for address, words in _OWN]
    return lines + [(address, visit.say(words)) for address, words, rights in _MENU if any(map(visit.may, rights))]
