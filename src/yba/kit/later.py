"""Libraries that most processes never need: they stand at the top of a file like the others and are loaded at their first use."""

from __future__ import annotations

import importlib
from typing import Any


class _Later:
    """A module that is not there yet; importing is the interpreter's, which lets one thread in at a time."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:  # noqa: ANN401  # whatever the library has
        return getattr(importlib.import_module(self._name), attribute)


def later(name: str) -> Any:  # noqa: ANN401  # stands for the module; the caller imports it for type checkers
    """Return what stands for a module and imports it when an attribute is asked for; ImportError comes then, not here.

    Only for what costs a start noticeably: a command pays for every import of every room (``python -X importtime -m yba …``).
    """
    return _Later(name)
