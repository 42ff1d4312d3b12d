"""The person's page as plain text for a terminal, in Vietnamese."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Final

from yba.specs import visits as specs

from .read import number
from .words import age, covered, covered_phone, day, moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .model import Origin, Page, Visit

_SEX: Final = {"male": "Nam", "female": "Nữ", "other": "Khác", "unknown": "Chưa rõ giới tính"}
_UNIT: Final = {"day": "ngày", "month": "tháng", "year": "tuổi"}
_NUMBER: Final = {"citizen": "CCCD", "insurance": "Mã BHXH", "card": "Thẻ BHYT", "passport": "Hộ chiếu", "old-citizen": "CMND"}
_KIND: Final = {"AMB": "Khám", "IMP": "Nội trú", "EMER": "Cấp cứu", "OBSENC": "Theo dõi", "HH": "Tại nhà", "VR": "Từ xa"}
_FLAG: Final = {"high": "cao ↑", "low": "thấp ↓", "abnormal": "bất thường !"}
_DAY: Final = len("2026-03-12")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")  # a name must not steer the terminal


def as_text(page: Page, *, today: date, visits: int = 20) -> str:
    """Write the page; of the visits the newest ``visits`` in full and the number of the others."""
    lines: list[str] = []
    add = lines.append
    lines += _head(page, today)
    if page.masked:
        add("Hồ sơ này có nội dung được che theo quy định về thông tin hạn chế.")
    add("\nCẢNH BÁO")
    lines += [f"  ! {alert.text} ({_from(page, alert.origin)})" for alert in page.alerts]
    if not page.allergies_recorded:
        add("  Dị ứng: chưa ghi nhận – không có nghĩa là không có. Hãy hỏi người bệnh.")
    add("\nVẤN ĐỀ SỨC KHỎE")
    lines += [
        f"  {problem.code:8} {problem.text} – {problem.times} lần, {day(problem.first)} → {day(problem.last)} ({_from(page, problem.origin)})"
        for problem in page.problems
    ] or ["  Chưa ghi nhận."]
    add("\nTHUỐC ĐÃ CẤP")
    lines += _medicines(page, today) or ["  Chưa ghi nhận."]
    add("\nKẾT QUẢ GẦN NHẤT")
    lines += _results(page) or ["  Chưa ghi nhận."]
    add("\nLẦN KHÁM, ĐIỀU TRỊ (mới nhất trước)")
    for visit in page.visits[:visits]:
        lines += _visit(page, visit)
    if not page.visits:
        add("  Chưa ghi nhận.")
    if len(page.visits) > visits:
        add(f"  … và {len(page.visits) - visits} lần trước đó (--visits N để xem thêm)")
    if page.papers:
        add("\nGIẤY TỜ")
        lines += [f"  {day(paper.day)}  {paper.title} ({_from(page, paper.origin)})" for paper in page.papers]
    lines += _coverage(page)
    return "\n".join(_plain(line) for line in lines) + "\n"


def _head(page: Page, today: date) -> Iterable[str]:
    who = page.identity
    years = age(who.birth, date.fromisoformat(who.deceased[:_DAY]) if len(who.deceased) >= _DAY else today)
    aged = f"{years[0]} {_UNIT[years[1]]} ({day(who.birth)})" if years else "chưa rõ ngày sinh"
    yield " · ".join(filter(None, ((who.name or "CHƯA RÕ TÊN").upper(), _SEX.get(who.sex, who.sex), aged, who.address)))
    if who.deceased:
        yield f"ĐÃ MẤT {moment(who.deceased) if who.deceased != 'true' else ''}".rstrip()
    numbers = [f"{_NUMBER[kind]} {covered(value)}" for kind, value, _ in who.numbers]
    cards = [f"BHYT hạn {day(card.end)}" for card in page.insurance[:1] if card.end]
    phone = [f"SĐT {covered_phone(who.phone)}"] if who.phone else []
    yield " · ".join((*numbers, *cards, *phone)) or "Chưa ghi nhận giấy tờ."
    yield f"Mã hồ sơ {page.person_id}"


def _medicines(page: Page, today: date) -> list[str]:
    now = today.isoformat()
    lines = []
    for medicine in page.medicines:
        days = f"cho {medicine.days} ngày" if medicine.days else "không rõ số ngày"
        state = ""
        if medicine.ends_on:
            state = f" – còn đến {day(medicine.ends_on)}" if medicine.ends_on >= now else f" – hết {day(medicine.ends_on)}"
        again = f" (lần thứ {medicine.times})" if medicine.times > 1 else ""
        parts = (medicine.name, medicine.dosage, f"cấp ngày {day(medicine.given_on)} {days}{state}{again}", medicine.quantity)
        lines.append("  " + " · ".join(filter(None, parts)) + f" ({_from(page, medicine.origin)})")
    return lines


def _results(page: Page) -> list[str]:
    lines = []
    for result in page.results:
        course = " → ".join(number(round(point.value, 3)) for point in result.points[-4:]) if len(result.points) > 1 else ""
        parts = (
            f"{result.name}: {result.value} {result.unit}".rstrip(),
            _FLAG.get(result.flag, ""),
            f"bình thường {result.range}" if result.range else "",
            course,
            day(result.when),
        )
        lines.append("  " + " · ".join(filter(None, parts)) + f" ({_from(page, result.origin)})")
    return lines


def _visit(page: Page, visit: Visit) -> Iterable[str]:
    end = f" – {moment(visit.end)}" if visit.end and visit.end != visit.start else ""
    kind = _KIND.get(visit.kind, visit.kind_text or visit.kind)
    yield "  " + " · ".join(filter(None, (f"{moment(visit.start)}{end}", kind, _facility(page, visit.facility), visit.department)))
    indent = "      "
    if visit.diagnoses:
        yield indent + "; ".join(dict.fromkeys(f"{text} ({code})" if code else text for code, text in visit.diagnoses))
    if visit.medicines:
        yield indent + "Thuốc: " + ", ".join(dict.fromkeys(visit.medicines))
    if visit.results:
        yield indent + "Kết quả: " + ", ".join(f"{name} {value} {_FLAG.get(flag, '')}".strip() for name, value, flag in visit.results)
    for note in dict.fromkeys(visit.notes):
        yield f"{indent}Kết luận: {note}"
    if visit.procedures:
        yield indent + "Dịch vụ: " + ", ".join(dict.fromkeys(visit.procedures))
    if visit.outcome:
        yield indent + "Kết thúc: " + visit.outcome
    if visit.sources:
        named = {channel.id: channel.vi for channel in specs.rules().channels}
        yield indent + "Một lần khám, nhiều nguồn: " + "; ".join(dict.fromkeys(named[channel] for _, channel in visit.sources))


def _coverage(page: Page) -> Iterable[str]:
    data = page.data
    yield "\nDỮ LIỆU CÓ TRONG HỒ SƠ"
    if not data.visits:
        yield "  Chưa có lần khám nào được gửi về."
        return
    yield f"  Từ {day(data.first)} đến {day(data.last)}: {data.visits} lần khám, {data.resources} mục."
    if data.facilities:
        yield "  Cơ sở: " + ", ".join(f"{_facility(page, code)} ({count})" for code, count in data.facilities)
    yield "  Nguồn: hồ sơ thanh toán BHYT. Ngoài khoảng thời gian và các cơ sở này là chưa biết."


def _facility(page: Page, code: str) -> str:
    return page.facilities.get(code) or (f"Cơ sở {code}" if code else "")


def _from(page: Page, origin: Origin) -> str:
    return ", ".join(filter(None, (_facility(page, origin.facility), day(origin.day)))) or "không rõ nguồn"


def _plain(line: str) -> str:
    return "\n" * line.startswith("\n") + _CONTROL.sub(" ", line.lstrip("\n"))
