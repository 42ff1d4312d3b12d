"""The province's own forms: a version is added as a draft, looked at, put in force from a day, withdrawn; specs' own forms are not touched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from yba import access, audit
from yba.access import Right
from yba.audit import Tag
from yba.kit import clock
from yba.kit.errors import Conflict, Invalid, NotFound
from yba.specs import forms as specs

from . import store
from .compiling import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from psycopg import Connection

    from yba.kit.actor import Actor

    from .model import Form


def add_form(conn: Connection[Any], *, by: Actor, questionnaire: Mapping[str, Any]) -> Form:
    """Add a version of a form as a draft; a draft of the same version is replaced. Raises BadForm, Conflict, Invalid, Denied."""
    access.require(by, Right.FORMS_FORM_WRITE)
    form = compiled({**questionnaire, "status": "draft"})
    if not form.url.startswith(f"{specs.BASE}own-") or not form.version:
        raise Invalid(
            f"Biểu mẫu của tỉnh có địa chỉ {specs.BASE}own-… và phiên bản.", advice=f"A province's form has a url {specs.BASE}own-… and a version."
        )
    now = clock.now()
    row = store.Own(form.url, form.version, form.valid_from or now.date(), form.valid_to, "draft", dict(form.doc), by.name, now)
    if not store.put_own(conn, row):
        raise Conflict("Phiên bản này đã ban hành: hãy đặt số phiên bản mới.", advice="This version is published: give a new version number.")
    audit.note(conn, by=by, tag=Tag.FORM_ADD, about_type="Questionnaire", about_id=form.canonical)
    return form


def publish_form(conn: Connection[Any], *, by: Actor, url: str, version: str) -> None:
    """Put a version in force from its day on; drafts begun with older versions go on with them. Raises NotFound, Denied."""
    _set(conn, by, url, version, "active", None)


def withdraw_form(conn: Connection[Any], *, by: Actor, url: str, version: str) -> None:
    """Take a version out of force from today on; drafts begun with it can still be finished. Raises NotFound, Denied."""
    _set(conn, by, url, version, "retired", clock.today())


def _set(conn: Connection[Any], by: Actor, url: str, version: str, state: str, until: date | None) -> None:
    access.require(by, Right.FORMS_FORM_WRITE)
    if not store.set_state(conn, url, version, state=state, valid_to=until):
        raise NotFound("Không có phiên bản này.", advice="There is no such version.")
    audit.note(conn, by=by, tag=Tag.FORM_PUBLISH, about_type="Questionnaire", about_id=f"{url}|{version}", detail={"state": state})
