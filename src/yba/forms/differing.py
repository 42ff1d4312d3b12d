"""What changed between two versions of a form: questions added, taken out, moved, asked otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from .model import Form, Item

_WORDS: Final = {
    "type": ("kiểu", "type"), "vi": ("câu hỏi", "words"), "en": ("câu hỏi tiếng Anh", "English words"), "required": ("bắt buộc", "required"),
    "repeats": ("nhiều lần", "repeats"), "options": ("lựa chọn", "answers to choose"), "value_set": ("danh mục", "list"), "unit": ("đơn vị", "unit"),
    "soft": ("giới hạn hỏi lại", "soft limits"), "hard": ("giới hạn", "limits"), "lengths": ("độ dài", "length"), "pattern": ("dạng", "pattern"),
    "enabled": ("điều kiện hiện", "when it is asked"), "enabled_by": ("điều kiện hiện", "when it is asked"),
    "calculated": ("công thức", "calculation"),
    "initial": ("điền sẵn", "filled from"), "code": ("mã", "code"), "definition": ("đích FHIR", "FHIR home"), "context": ("đích FHIR", "FHIR home"),
    "constraints": ("quy tắc", "rules"), "help_vi": ("gợi ý", "help"), "read_only": ("chỉ đọc", "read-only"), "hidden": ("ẩn", "hidden"),
}  # fmt: skip


class Change(NamedTuple):
    """One change: ``kind`` is added, removed, moved or changed; ``what`` says which of its rules, in both languages."""

    kind: str
    link_id: str
    label: str
    what_vi: tuple[str, ...] = ()
    what_en: tuple[str, ...] = ()
    before: str = ""
    after: str = ""


def difference(old: Form, new: Form) -> list[Change]:
    """Return what changed from one version to another, in the order of the new one; what was taken out comes last."""
    found: list[Change] = []
    order = [link_id for link_id in old.items if link_id in new.items]
    kept = [link_id for link_id in new.items if link_id in old.items]
    moved = {here for here, there in zip(kept, order, strict=True) if here != there}
    for link_id, item in new.items.items():
        before = old.items.get(link_id)
        if before is None:
            found.append(Change("added", link_id, item.vi, after=item.vi))
            continue
        told = [name for name in _WORDS if _of(before, name) != _of(item, name)]
        if told:
            words = tuple(dict.fromkeys(_WORDS[name][0] for name in told)), tuple(dict.fromkeys(_WORDS[name][1] for name in told))
            found.append(Change("changed", link_id, item.vi, *words, before=before.vi, after=item.vi))
        elif link_id in moved and before.above != item.above:
            found.append(Change("moved", link_id, item.vi))
    found += [Change("removed", link_id, item.vi, before=item.vi) for link_id, item in old.items.items() if link_id not in new.items]
    return found


def _of(item: Item, name: str) -> object:
    found: object = getattr(item, name)
    return found
