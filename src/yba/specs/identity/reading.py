"""Reading one file of this folder: every file says where it comes from and who answers for it."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Final

from yba.specs.claims import SpecError

_FOLDER: Final = Path(__file__).parent
_TOLD: Final = frozenset({"source", "valid_from", "owner", "checked_by", "next_review"})


def read(name: str) -> dict[str, Any]:
    """Read a TOML file of this folder; raises SpecError when it does not say its source, validity, owner, checker and next review."""
    data = tomllib.loads((_FOLDER / name).read_text("utf-8"))
    missing = _TOLD - data.keys()
    if missing:
        raise SpecError(f"{name} does not say {', '.join(sorted(missing))}")
    return data
