"""The FHIR API: a small WSGI application of its own under /fhir, one interaction a function, errors as OperationOutcomes."""

from .app import Application
from .pace import Pace
from .routes import table

__all__ = ["Application", "Pace", "table"]
