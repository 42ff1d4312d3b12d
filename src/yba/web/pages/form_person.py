"""What a finished form says of the person itself: through registration's door, with what stays as it is said on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import care
from yba.access import Right
from yba.specs import forms as specs
from yba.web.words import marked as _n

if TYPE_CHECKING:
    from yba.forms import Answers, Finished
    from yba.web.edge import Visit

_SEXES: Final = {"1": "male", "2": "female"}
_LEFT: Final = {
    "sex": _n("Giới tính khác hồ sơ: sửa ở đăng ký hoặc đối soát, biểu mẫu không đổi được."),
    "birth": _n("Ngày sinh khác hồ sơ: sửa ở đăng ký hoặc đối soát, biểu mẫu không đổi được."),
    "citizen": _n("Số định danh khác hồ sơ: sửa ở đăng ký hoặc đối soát, biểu mẫu không đổi được."),
    "card": _n("Thẻ BHYT khác hồ sơ: sửa ở đăng ký hoặc đối soát, biểu mẫu không đổi được."),
    "household": _n("Hộ gia đình: ghi ở trang hộ gia đình."),
    "place": _n("Nơi ở, dân tộc, nghề nghiệp có mã không dùng được: thông tin người này chưa đổi."),
    "right": _n("Bạn không có quyền sửa thông tin hành chính: thông tin người này chưa đổi."),
}


def write(visit: Visit, done: Finished) -> list[str]:
    """Write what a form says of its person, where it says anything; return which facts stay as they are, by name."""
    asked = specs.registration(done.draft.form.name)
    if not asked:
        return []
    if not visit.may(Right.CARE_PERSON_REGISTER):
        return ["right"]
    told = {fact: _text(done.draft.answers, link_id) for fact, link_id in asked.items()}
    household = told.pop("household", "")
    told["sex"] = _SEXES.get(told.get("sex", ""), "")
    draft = done.draft
    facts = care.Newcomer(**told)
    try:
        with visit.under(Right.CARE_PERSON_REGISTER) as (conn, by):
            made = care.amend(conn, by=by, person_id=draft.person_id, facility=draft.facility, facts=facts, household=household)
    except care.NotPlausible:
        return ["place"]
    return [one.field for one in made.refused]


def _text(answers: Answers, link_id: str) -> str:
    found = answers.get(link_id)
    if not found:
        return ""
    data = found[0].data
    return str(data.get("code", "")) if isinstance(data, dict) else str(data)


def words(visit: Visit) -> list[str]:
    """Say what stayed as it was, from the address of the page."""
    return [visit.say(_LEFT[one]) for one in visit.asked("left", 80).split(",") if one in _LEFT]
