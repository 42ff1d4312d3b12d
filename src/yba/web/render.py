"""Turns a page model into HTML: one compiled template environment a language, everything escaped."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from yba.kit import clock
from yba.record import words

from .sparkline import sparkline
from .words import FIRST, SECOND, catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from yba.record import Origin, Page, Point, Visit

DETAILED: Final = 30  # visits with details; older ones are one line each until asked for
_FONTS: Final = files("yba.web").joinpath("static", "fonts", "fonts.css")


def _n(text: str) -> str:
    """Mark a text for the catalogue without looking it up."""
    return text


_SEX: Final = {"male": _n("Nam"), "female": _n("Nữ"), "other": _n("Khác"), "unknown": _n("Chưa rõ giới tính")}
_AGE: Final = {"day": _n("%(n)s ngày"), "month": _n("%(n)s tháng"), "year": _n("%(n)s tuổi")}
_NUMBER: Final = {
    "citizen": _n("CCCD"), "insurance": _n("Mã BHXH"), "card": _n("Thẻ BHYT"), "passport": _n("Hộ chiếu"), "old-citizen": _n("CMND"),
}  # fmt: skip
_KIND: Final = {
    "AMB": _n("Khám"), "IMP": _n("Nội trú"), "EMER": _n("Cấp cứu"), "SS": _n("Ban ngày"), "OBSENC": _n("Theo dõi"),
    "HH": _n("Tại nhà"), "VR": _n("Từ xa"),
}  # fmt: skip
_FLAG: Final = {"high": _n("cao ↑"), "low": _n("thấp ↓"), "abnormal": _n("bất thường !")}
_RIGHT: Final = _n("vận hành")
_COURSE: Final = _n("%(name)s: %(n)s lần đo, từ %(first)s đến %(last)s")
_FACILITY: Final = _n("Cơ sở %(code)s")
_UNKNOWN_BIRTH: Final = _n("chưa rõ ngày sinh")
_UNKNOWN_SOURCE: Final = _n("không rõ nguồn")


def record_html(page: Page, *, lang: str = FIRST, right: str = "", served: bool = False, full: int = DETAILED, csrf: str = "") -> str:
    """Write a person's page; ``served`` adds the search box and links, ``full`` is how many visits carry their details."""
    env = _environment(lang)
    return env.get_template("yba/record.html").render(
        **_common(lang, csrf, served=served),
        page=page,
        right=right or catalogue(lang).gettext(_RIGHT),
        served=served,
        full=full,
        **_places(page, catalogue(lang).gettext),
        today=clock.today().isoformat(),
        now=clock.now().isoformat(),
    )


def home_html(*, lang: str = FIRST, csrf: str = "", wrong: str = "") -> str:
    """Write the home page: one box for one number. ``wrong``: "none" nobody has the number given, "many" several do."""
    return _environment(lang).get_template("yba/home.html").render(**_common(lang, csrf, served=True), wrong=wrong)


def style_hash(*, served: bool) -> str:
    """Return the hash of the style sheet for a Content-Security-Policy."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(_style(served=served).encode()).digest()).decode() + "'"


def _common(lang: str, csrf: str, *, served: bool) -> dict[str, object]:
    return {
        "lang": lang,
        "other_lang": SECOND if lang == FIRST else FIRST,
        "lang_query": "" if lang == FIRST else f"?lang={lang}",
        "csrf": Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(csrf) if csrf else "",
        "style": Markup(_style(served=served)),  # noqa: S704  # our own file
    }


@cache
def _style(*, served: bool) -> str:
    """The style sheet; the font's own only where the server can hand the font out."""
    own = files("yba.web").joinpath("templates", "yba", "style.css").read_text("utf-8")
    return own + (_FONTS.read_text("utf-8") if served and _FONTS.is_file() else "")


@cache
def _environment(lang: str) -> Environment:
    env = Environment(
        loader=PackageLoader("yba.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    texts = catalogue(lang)
    env.globals["_"] = _told(texts.gettext)
    env.filters |= _filters(texts.gettext)
    return env


def _told(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """What a template calls as ``_``: our own words once looked up, with values escaped into them."""
    known: dict[str, Markup] = {}

    def told(text: str, **given: object) -> Markup:
        found = known.get(text)
        if found is None:
            found = known[text] = Markup(gettext(text))  # noqa: S704  # a text of the template or the catalogue, never of a person
        return found % given if given else found

    return told


def _filters(_: Callable[[str], str]) -> dict[str, Callable[..., object]]:
    """The filters of one language."""
    sexes, kinds, flags, numbers = ({key: _(text) for key, text in table.items()} for table in (_SEX, _KIND, _FLAG, _NUMBER))

    def aged(birth: str) -> str:
        years = words.age(birth, clock.today())
        return f"{_(_AGE[years[1]]) % {'n': years[0]}} ({words.day(birth)})" if years else _(_UNKNOWN_BIRTH)

    def spark(points: Sequence[Point], name: str) -> Markup:
        if not points:
            return Markup("")
        label = _(_COURSE) % {"name": name, "n": len(points), "first": _number(points[0]), "last": _number(points[-1])}
        return sparkline(points, label)

    def visit_kind(visit: Visit) -> str:
        shown = visit.kind_text if visit.kind == "SS" else ""  # a day of treatment or a stay under four hours: only the words tell
        return shown or kinds.get(visit.kind) or visit.kind_text or visit.kind

    return {
        "day": words.day,
        "moment": words.moment,
        "covered": lambda number: words.covered(number).replace(" ", "\u00a0"),
        "phone": words.covered_phone,
        "sex": lambda value: sexes.get(value, value),
        "flag": lambda value: flags.get(value, ""),
        "numbered": lambda kind: numbers[kind],
        "aged": aged,
        "spark": spark,
        "visit_kind": visit_kind,
        "diagnoses": _diagnoses,
        "once": lambda texts: ", ".join(dict.fromkeys(texts)),
        "masked": lambda page, types: sum(page.masked.get(each, 0) for each in types),
    }


def _places(page: Page, _: Callable[[str], str]) -> dict[str, Callable[..., str]]:
    """How this page names a facility, and where a fact comes from."""
    unnamed, unknown = _(_FACILITY), _(_UNKNOWN_SOURCE)
    names = dict(page.facilities)

    def facility(code: str) -> str:
        return names.get(code) or (unnamed % {"code": code} if code else "")

    def source(origin: Origin) -> str:
        place = facility(origin.facility)
        return f"{place}, {words.day(origin.day)}" if place and origin.day else place or words.day(origin.day) or unknown

    return {"facility": facility, "source": source}


def _number(point: Point) -> str:
    return f"{point.value:g}".replace(".", ",")


def _diagnoses(found: Iterable[tuple[str, str]]) -> Markup:
    return Markup("; ".join(map(_diagnosis, dict.fromkeys(found))))  # noqa: S704  # each was escaped


@lru_cache(maxsize=4096)  # the same few hundred illnesses all day
def _diagnosis(coded: tuple[str, str]) -> str:
    code, text = coded
    return str(Markup('{} <span class="code">{}</span>').format(text, code))
