"""The mapping, both ways: a claim becomes FHIR resources and a residue; the two become the claim again."""

from .convert import map_claim
from .dates import moment
from .facts import facts_of_check_in
from .inverse import Lost, read, unmap
from .model import Doc, Mapped, Resource, RowKeys
from .release import CURRENT
from .rules.births import OF_TWO

__all__ = ["CURRENT", "OF_TWO", "Doc", "Lost", "Mapped", "Resource", "RowKeys", "facts_of_check_in", "map_claim", "moment", "read", "unmap"]
