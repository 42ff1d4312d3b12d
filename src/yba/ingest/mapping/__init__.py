"""The mapping, both ways: a claim becomes FHIR resources and a residue; the two become the claim again."""

from .convert import map_claim
from .inverse import Lost, read, unmap
from .model import Doc, Mapped, Resource, RowKeys
from .release import CURRENT

__all__ = ["CURRENT", "Doc", "Lost", "Mapped", "Resource", "RowKeys", "map_claim", "read", "unmap"]
