"""XML5: the clinical notes, one or two a day inside, one for long-term outpatient care."""

from __future__ import annotations

from .dates import DAY, stamp
from .draft import Draft, Row
from .plan import BEDDED, CHRONIC, CHRONIC_TESTS, COURSE, DEAD, LODGED

_STATES = ("Người bệnh tỉnh, tiếp xúc tốt", "Tỉnh táo, da niêm mạc hồng", "Mệt, ăn uống kém", "Người bệnh đỡ mệt, ăn được", "Toàn trạng ổn định")
_FINDINGS = (
    "tim đều, phổi thông khí rõ",
    "bụng mềm, không chướng",
    "phổi ít ran ẩm hai đáy",
    "không phù, không xuất huyết",
    "đại tiểu tiện bình thường",
    "còn đau nhẹ khi vận động",
    "đỡ ho, đỡ khó thở",
    "không sốt",
)
_ORDERS = (
    "Tiếp tục điều trị theo y lệnh",
    "Theo dõi dấu hiệu sinh tồn",
    "Bổ sung dịch, dinh dưỡng",
    "Hướng dẫn chế độ ăn, nghỉ ngơi",
    "Chuẩn bị ra viện",
)
FEVERISH = frozenset(("pneumonia", "dengue", "influenza", "measles", "tonsillitis", "bronchitis", "malaria", "diarrhoea"))


def vitals(draft: Draft, day: int) -> str:
    """Write vital signs in the form of QĐ 4750: CSST<M75_T37_HA120/70_NT18_HL2>."""
    dice, age = draft.dice, draft.person.age(draft.visit.arrive // DAY)
    fever = draft.visit.condition.key in FEVERISH and day < 3  # noqa: PLR2004 - days of fever
    heat = 36.5 + dice.random() * 0.8 + (1.6 * dice.random() if fever else 0)
    pulse = (118 if age < 1 else 96 if age < 8 else 78) + round(dice.gauss(0, 7)) + (10 if fever else 0)  # noqa: PLR2004
    if age < 5:  # noqa: PLR2004 - no blood pressure in the small
        return f"CSST<M{pulse}_T{heat:.1f}_NT{dice.between(24, 40)}>"
    top = round(dice.gauss(148 if draft.visit.icd.startswith("I1") else 118, 9))
    return f"CSST<M{pulse}_T{heat:.1f}_HA{top}/{round(top * 0.62 + dice.gauss(0, 4))}_NT{dice.between(16, 22)}_HL{dice.between(1, 3)}>"


def notes(draft: Draft) -> None:
    """Write the rows of XML5 where the care type asks for them."""
    visit, dice = draft.visit, draft.dice
    if visit.kind in {CHRONIC, CHRONIC_TESTS}:
        _note(draft, visit.arrive + 9, 0)
        return
    if visit.kind not in BEDDED and visit.kind not in {COURSE, LODGED}:
        return
    first = visit.arrive // DAY
    for day in range(draft.end // DAY - first + 1):
        times = (dice.between(450, 540), dice.between(850, 980)) if day < 2 or dice.chance(0.35) else (dice.between(450, 540),)  # noqa: PLR2004
        for minute in times:
            at = (first + day) * DAY + minute
            if visit.arrive + 20 <= at <= draft.end - 3:
                _note(draft, at, day)
    if "XML5" not in draft.rows:
        _note(draft, min(visit.arrive + 22, draft.end - 3), 0)
    if visit.operation:
        draft.rows["XML5"][min(1, len(draft.rows["XML5"]) - 1)]["PHAU_THUAT"] = (
            f"{visit.operation.name}: sát trùng, vào ổ phẫu trường, thực hiện đúng quy trình, kiểm tra cầm máu, đóng vết mổ theo lớp."
        )
    if visit.outcome == DEAD:
        draft.rows["XML5"][-1]["DIEN_BIEN_LS"] = "Ngừng tuần hoàn, cấp cứu tích cực không kết quả, người bệnh tử vong."
        draft.rows["XML5"][-1]["HOI_CHAN"] = "Hội chẩn khoa: tiên lượng rất nặng, giải thích gia đình."


def _note(draft: Draft, at: int, day: int) -> None:
    dice = draft.dice
    text = f"{dice.pick(_STATES)}, {dice.pick(_FINDINGS)}, {dice.pick(_FINDINGS)}. {dice.pick(_ORDERS)}. {vitals(draft, day)}"
    row = Row(MA_LK=draft.link, STT="", DIEN_BIEN_LS=text, THOI_DIEM_DBLS=stamp(at), NGUOI_THUC_HIEN=draft.doctor.licence)
    if day == 0 and dice.chance(0.1):
        row["HOI_CHAN"] = "Thống nhất chẩn đoán và hướng điều trị hiện tại."
    if dice.chance(0.08):
        row["GIAI_DOAN_BENH"] = dice.pick(("Giai đoạn toàn phát", "Giai đoạn lui bệnh", "Giai đoạn sớm"))
    draft.add("XML5", row)
