"""What a screen on a wall shows: the form for its code, once; then its unit's picture, one after the other, leading nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.http import HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.translation import get_language

from yba import accounts
from yba.access import Right, needs, open_to_all
from yba.accounts import Refused, Why
from yba.kit import Actor, clock
from yba.kit.db import unit_of_work
from yba.kit.text import nfc
from yba.specs.sign_in import sign_in
from yba.web import assets, shell
from yba.web.edge import remember_screen
from yba.web.render import environment
from yba.web.words import FIRST, catalogue, language
from yba.web.words import marked as _n

from .wall import AGAIN, AT_SCREEN, picture

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from yba.web.edge import Visit

_EDGE: Final = Actor.system("pages")
_LONGEST: Final = 60
_SOON: Final = 7  # days before its end in which a screen says so
_WRONG: Final = _n("Mã không đúng, đã dùng hoặc đã hết hạn. Xin mã mới từ quản trị viên.")
_TOO_FAST: Final = _n("Thử lại sau %(n)s giây.")
_TITLE: Final = _n("Mở màn hình")


@open_to_all("where a screen on a wall is opened by a code of its administrator; it tells nothing")
def entrance(request: HttpRequest) -> HttpResponse:
    """Take the code typed once at the device, and give it the token it keeps."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    lang = language((get_language() or FIRST)[:2])
    if request.method != "POST":
        return _page(request, lang)
    code = nfc(str(request.POST.get("code", "")))[:_LONGEST]
    with unit_of_work(by=_EDGE) as conn:
        made = accounts.open_screen(conn, by=_EDGE, code=code, address=accounts.address_of(request), browser=accounts.browser_of(request))
    if isinstance(made, Refused):
        words = catalogue(lang).gettext(_TOO_FAST) % {"n": made.wait} if made.why is Why.TOO_FAST else catalogue(lang).gettext(_WRONG)
        return _page(request, lang, wrong=words, status=429 if made.why is Why.TOO_FAST else 400)
    answer = HttpResponseRedirect(AT_SCREEN)
    remember_screen(answer, made, days=sign_in().screen.longest_days)
    return shell.harden(answer)


@needs(Right.WAREHOUSE_MEASURE_READ)
def wall(visit: Visit, until: datetime) -> HttpResponse:
    """Show a picture of a board of the screen's unit, the next one after half a minute."""
    shown = picture(visit, at=AT_SCREEN, leads=False)
    ends = f"{until.astimezone(clock.VIETNAM):%d/%m/%Y}" if (until - clock.now()).days < _SOON else ""
    answer = _rendered(visit.lang, shown.template, {**shown.values, "ends": ends}, status=shown.status)
    answer["Refresh"] = shown.refresh or str(AGAIN)
    return answer


def _page(request: HttpRequest, lang: str, *, wrong: str = "", status: int = 200) -> HttpResponse:
    title = catalogue(lang).gettext(_TITLE)
    return _rendered(lang, "screen", {"title": title, "csrf": shell.hidden_token(get_token(request)), "wrong": wrong}, status=status)


def _rendered(lang: str, template: str, values: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Lay out without the frame of pages: there is no reader, no menu and no session."""
    framed = {"lang": lang, "demo": accounts.demo_allowed(), "style": assets.STYLE, **values}
    return shell.harden(HttpResponse(environment(lang).get_template(f"yba/{template}.html").render(framed), status=status))
