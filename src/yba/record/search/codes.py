"""What searches ask of terminology: value sets that R4 enumerates, hierarchies of the code systems that are loaded."""

from __future__ import annotations

from typing import Final

from yba import terminology
from yba.fhir import definitions
from yba.kit.errors import NotFound


class _Codes:
    """Look-ups in packaged data."""

    def contains(self, value_set: str, system: str, code: str) -> bool:
        """Whether a code is in a value set; system "" = not said. Raises NotFound for a value set that cannot be enumerated here."""
        found = definitions.value_set(value_set.partition("|")[0])
        if found is None:
            raise NotFound(f"Không có tập giá trị {value_set[:200]}.", advice="This value set is not known here, or cannot be enumerated.")
        return code in found.get(system, ()) if system else any(code in codes for codes in found.values())

    def subsumes(self, system: str, general: str, specific: str) -> bool:
        """Whether one code of a system is above another; of a system that is not loaded, nothing is above anything."""
        return terminology.subsumes(system, general, specific)


CODES: Final = _Codes()
