"""Side tables of the lake: what measures need and is no FHIR resource, exported with each refresh, read beside the views as of any kept day."""

from .exporting import Sided, export
from .reading import open_tables
from .thinning import thinned

__all__ = ["Sided", "export", "open_tables", "thinned"]
