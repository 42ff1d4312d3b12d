"""Where a page ended, sealed for who asked: good for a quarter of an hour, for the same question, for nobody else."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson

from yba.kit import clock
from yba.kit.keys import CannotOpen, open_, seal

from .rest_model import BadCursor

if TYPE_CHECKING:
    from yba.kit.actor import Actor

GOOD_FOR: Final = timedelta(minutes=15)


def written(by: Actor, question: str, place: dict[str, Any]) -> str:
    """Seal the place where a page of a question ended."""
    text = orjson.dumps({"at": clock.now().timestamp(), **place})
    return base64.urlsafe_b64encode(seal(text, about=_about(by, question))).decode().rstrip("=")


def read(by: Actor, question: str, cursor: str) -> dict[str, Any]:
    """Open a cursor. Raises BadCursor for one of somebody else, of another question, too old, or not ours."""
    try:
        text = open_(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), about=_about(by, question))
    except (CannotOpen, binascii.Error, ValueError) as error:
        raise BadCursor("Liên kết trang này không dùng được.", advice="This page link is not valid here: repeat the search.") from error
    place: dict[str, Any] = orjson.loads(text)
    if clock.now().timestamp() - place["at"] > GOOD_FOR.total_seconds():
        raise BadCursor("Liên kết trang đã quá hạn 15 phút.", advice="This page link has expired after 15 minutes: repeat the search.")
    return place


def _about(by: Actor, question: str) -> str:
    return f"cursor/{by.name}/{by.purpose}/{question}"
