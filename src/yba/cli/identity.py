"""``yba identity``: the group with the commands of every part; a part is a file ``identity_<part>.py`` that registers its own on the group."""

from __future__ import annotations

from . import identity_acts, identity_matching, identity_numbers, identity_people, identity_registers
from .identity_group import identity

__all__ = ["identity", "identity_acts", "identity_matching", "identity_numbers", "identity_people", "identity_registers"]
