"""What the roles file says of signing in, of the places a role needs, and of who may manage accounts where: pure decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from yba import access
from yba.kit.errors import Invalid
from yba.specs.access import RoleSpec, Where, roles

if TYPE_CHECKING:
    from collections.abc import Iterable

    from yba.access import Right
    from yba.kit.actor import Actor

    from .people import Post

OFFICE: Final = ""  # the province's own: no facility's grant covers it


def role(name: str) -> RoleSpec:
    """Return a role people can have; raises Invalid for an unknown one or one of machines."""
    found = roles().get(name)
    if found is None or found.kind == "machine":
        known = ", ".join(known for known, spec in roles().items() if spec.kind != "machine")
        raise Invalid(f"{name[:40]!r} không phải vai trò của người.", advice=f"It is not a role of people. Write one of {known}.")
    return found


def administers(names: Iterable[str]) -> bool:
    """Whether somebody with these roles counts as an administrator: shorter sessions, passwords that age, always a second factor."""
    return any(name in roles() and roles()[name].second_factor == "always" for name in names)


def second_factor_needed(names: Iterable[str], *, inside: bool) -> bool:
    """Whether these roles need a second factor here; ``inside`` is a network of a facility the person works at. An unknown role needs one."""
    asked = {roles()[name].second_factor if name in roles() else "always" for name in names}
    return "always" in asked or ("outside" in asked and not inside)


def check_places(spec: RoleSpec, post: Post) -> None:
    """Refuse a post without the places its role counts in, or with a department of nowhere. Raises Invalid."""
    wheres = {rule.where for rule in spec.may}
    if Where.FACILITY in wheres and not post.facility:
        raise Invalid(f"Vai trò {spec.vi} cần một cơ sở.", advice=f"{spec.name} needs a facility.")
    if Where.COMMUNE in wheres and not post.area:
        raise Invalid(f"Vai trò {spec.vi} cần mã xã (2025).", advice=f"{spec.name} needs a commune: its code of 2025.")
    if spec.kind == "staff" and Where.RELATION in wheres and not (post.facility or post.area):
        raise Invalid(f"Vai trò {spec.vi} cần một cơ sở hoặc địa bàn.", advice=f"{spec.name} needs a facility or an area.")
    if (Where.OWN_PERSON in wheres) != (post.person_id is not None):
        raise Invalid(
            f"Vai trò {spec.vi}: chỉ vai trò về hồ sơ của mình hoặc người được giám hộ mới gắn với một người.",
            advice="A person belongs to roles of one's own or a ward's record, and to no other.",
        )
    if post.department and not post.facility:
        raise Invalid("Khoa phải thuộc một cơ sở.", advice="A department belongs to a facility.")


def reach(by: Actor, right: Right) -> frozenset[str] | None:
    """Over which facilities somebody holds a right about accounts; None = everywhere in the province. Raises Denied where it is not held."""
    if not access.holds(by, right):
        raise access.Denied(right)
    if _held(by, right, OFFICE):
        return None
    return frozenset(code for code in by.facilities or () if _held(by, right, code))


def require(by: Actor, right: Right, facilities: Iterable[str]) -> None:
    """Refuse unless the right is held at every facility named; "" is the province's office, for who holds it everywhere. Raises Denied."""
    for facility in facilities:
        access.require(by, right, facility=facility)


def _held(by: Actor, right: Right, facility: str) -> bool:
    try:
        access.require(by, right, facility=facility)
    except access.Denied:
        return False
    return True
