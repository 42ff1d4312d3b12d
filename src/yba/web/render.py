"""Turns a page model into HTML: one compiled template environment a language, everything escaped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame
from markupsafe import Markup

from yba.kit import clock
from yba.record import words
from yba.specs import visits as specs
from yba.specs.abbreviations import spelled

from . import glance
from .escaped import escaped
from .sparkline import sparkline
from .spelt import spelled_page
from .timeline import Places, Said, diagnoses, lines, said
from .words import FIRST, catalogue
from .words import marked as _n

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from yba.record import Origin, Page, Point, Visit

    from .glance import Task

DETAILED: Final = 30  # visits with details; older ones are one line each until asked for


_SEX: Final = {"male": _n("Nam"), "female": _n("Nữ"), "other": _n("Khác"), "unknown": _n("Chưa rõ giới tính")}
_AGE: Final = {"day": _n("%(n)s ngày"), "month": _n("%(n)s tháng"), "year": _n("%(n)s tuổi")}
_NUMBER: Final = {
    "citizen": _n("CCCD"), "insurance": _n("Mã BHXH"), "card": _n("Thẻ BHYT"), "passport": _n("Hộ chiếu"), "old-citizen": _n("CMND"),
}  # fmt: skip
_KIND: Final = {
    "AMB": _n("Khám"), "IMP": _n("Nội trú"), "EMER": _n("Cấp cứu"), "SS": _n("Ban ngày"), "OBSENC": _n("Theo dõi"),
    "HH": _n("Tại nhà"), "VR": _n("Từ xa"),
}  # fmt: skip
_TREND: Final = {"up": _n("↗ tăng"), "down": _n("↘ giảm"), "same": _n("→ như trước")}
# Filters of the timeline: key, words.
_KINDS: Final = (
    ("a", _n("Tất cả")), ("v", _n("Khám")), ("l", _n("Xét nghiệm")), ("m", _n("Thuốc")), ("i", _n("Tiêm")), ("p", _n("Giấy tờ")),
)  # fmt: skip
_FLAG: Final = {"high": _n("cao ↑"), "low": _n("thấp ↓"), "abnormal": _n("bất thường !")}
_RIGHT: Final = _n("vận hành")
_COURSE: Final = _n("%(name)s: %(n)s lần đo, từ %(first)s đến %(last)s")
_FACILITY: Final = _n("Cơ sở %(code)s")
_UNKNOWN_BIRTH: Final = _n("chưa rõ ngày sinh")
_UNKNOWN_SOURCE: Final = _n("không rõ nguồn")
_SEARCH: Final = _n("Tên, CCCD (số hoặc QR), thẻ BHYT, điện thoại")


class Act(NamedTuple):
    """One thing that may be begun from a page: a way, or a form's button with hidden fields (``posts``); ``key``: the letter that does it."""

    words: str
    address: str
    key: str = ""
    posts: tuple[tuple[str, str], ...] = ()


class Beside(NamedTuple):
    """What a served record page carries beside the record: ways, acts, what programmes say is due, a QR for paper.

    ``household``: how many live together, 0 where nothing is said of it.
    """

    links: tuple[tuple[str, str], ...] = ()
    acts: tuple[Act, ...] = ()
    due: tuple[Task, ...] = ()
    qr: Markup | None = None
    household: int = 0


def record_html(
    page: Page,
    *,
    lang: str = FIRST,
    right: str = "",
    frame: Mapping[str, object] | None = None,
    full: int = DETAILED,
    beside: Beside | None = None,
    paper: bool = False,
) -> str:
    """Write a person's page; ``full`` is how many entries of the timeline carry their details; on ``paper`` abbreviations are spelled out.

    ``frame`` is the shell's (`shell.frame`) for a page that is served; without it the page stands alone with its style inside, for a file.
    """
    _, today, beside = catalogue(lang).gettext, clock.today(), beside or Beside()
    page = spelled_page(page) if paper else page
    return (
        environment(lang, paper=paper)
        .get_template("yba/record.html")
        .render(
            **(frame or {"lang": lang, "style_text": Markup(_style())}),  # noqa: S704  # our own file
            frame="yba/shell.html" if frame else "yba/page.html",
            page=page,
            right=right or _(_RIGHT),
            served=bool(frame),
            full=full,
            taken=glance.taken(page, today),
            tasks=glance.tasks(page, today, beside.due),
            values=glance.values(page, today),
            line=lines(glance.timeline(page), full, _said(lang, paper=paper), Places(**_places(page, _))),
            kinds=[(key, _(words_)) for key, words_ in _KINDS],
            **beside._asdict(),
            **laid_out(page, lang),
        )
    )


def laid_out(page: Page, lang: str) -> dict[str, Any]:
    """Return what every page about a record needs: how facilities are called, where facts come from, today."""
    return {**_places(page, catalogue(lang).gettext), "today": clock.today().isoformat(), "now": clock.now().isoformat()}


@cache
def _style() -> str:
    return files("yba.web").joinpath("static", "style.css").read_text("utf-8")


class _Writer(CodeGenerator):
    """Writes templates whose values pass through `escaped`, never past it."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class _Pages(Environment):
    """The environment of our pages."""

    code_generator_class = _Writer
    escaped = staticmethod(escaped)


def environment(lang: str, *, paper: bool = False) -> Environment:
    """Return the compiled templates of one language; everything a template is given is escaped; on ``paper`` our own words are spelled out."""
    return _environment(lang, paper and lang == FIRST)


@cache
def _environment(lang: str, paper: bool) -> Environment:  # noqa: FBT001  a key of what is kept
    env = _Pages(
        loader=PackageLoader("yba.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    texts = catalogue(lang)
    told = _spelt(texts.gettext) if paper else texts.gettext
    env.globals["_"] = _told(told)
    env.filters |= _filters(told) | {"channels": _channels(lang)}
    return env


def _spelt(gettext: Callable[[str], str]) -> Callable[[str], str]:
    """Spell our own words out; the box to search in stays short: it is never printed."""
    return lambda text: gettext(text) if text == _SEARCH else spelled(gettext(text))


def _told(gettext: Callable[[str], str]) -> Callable[..., Markup]:
    """What a template calls as ``_``: our own words once looked up, with values escaped into them."""
    known: dict[str, Markup] = {}

    def told(text: str, **given: object) -> Markup:
        found = known.get(text)
        if found is None:
            found = known[text] = Markup(gettext(text))  # noqa: S704  # a text of the template or the catalogue, never of a person
        return found % given if given else found

    return told


@cache
def _said(lang: str, *, paper: bool = False) -> Said:
    filters = environment(lang, paper=paper).filters
    return said(catalogue(lang).gettext, filters["visit_kind"], filters["flag"], filters["channels"])


def _channels(lang: str) -> Callable[[Iterable[tuple[str, str]]], str]:
    """What the channels of a visit that several tell of are called."""
    named = {one.id: one.vi if lang == FIRST else one.en for one in specs.rules().channels}
    return lambda sources: "; ".join(dict.fromkeys(named[channel] for _, channel in sources))


def _filters(_: Callable[[str], str]) -> dict[str, Callable[..., object]]:
    """The filters of one language."""
    sexes, kinds, flags, numbers, trends = ({key: _(text) for key, text in table.items()} for table in (_SEX, _KIND, _FLAG, _NUMBER, _TREND))

    def aged(birth: str) -> str:
        years = words.age(birth, clock.today())
        return f"{_(_AGE[years[1]]) % {'n': years[0]}} ({words.day(birth)})" if years else _(_UNKNOWN_BIRTH)

    def years(birth: str) -> str:
        found = words.age(birth, clock.today())
        return _(_AGE[found[1]]) % {"n": found[0]} if found else _(_UNKNOWN_BIRTH)

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
        "trend": lambda points: trends.get(glance.trend(points), ""),
        "numbered": lambda kind: numbers[kind],
        "aged": aged,
        "years": years,
        "spark": spark,
        "visit_kind": visit_kind,
        "diagnoses": diagnoses,
        "once": lambda texts: ", ".join(dict.fromkeys(texts)),
        "at": lambda moment: words.moment(moment.astimezone(clock.VIETNAM).isoformat()) if moment else "",
        "on": lambda moment: words.day(moment.isoformat()) if moment else "",
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
