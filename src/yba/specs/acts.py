"""What each act of the trail is called by who reads it (acts.toml)."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

FILE: Final = Path(__file__).with_suffix(".toml")


class Act(NamedTuple):
    """The words of one act, as what somebody did: "mở hồ sơ khẩn cấp", "opened a record in an emergency"."""

    vi: str
    en: str


@cache
def acts() -> dict[str, Act]:
    """Read the packaged file, by tag."""
    return {tag: Act(**told) for tag, told in tomllib.loads(FILE.read_text("utf-8")).items()}


def act(tag: str) -> Act:
    """Return the words of a tag; an act of a release that called it otherwise is told by its tag."""
    return acts().get(tag) or Act(tag, tag)
