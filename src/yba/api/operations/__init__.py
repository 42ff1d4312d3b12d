"""Operations ($…) of the API, one a file."""

from .everything import everything, everything_alone
from .lastn import lastn
from .match import match
from .merge import merge
from .summary import summary
from .validate import validate, validate_stored
from .visit import visit

__all__ = ["everything", "everything_alone", "lastn", "match", "merge", "summary", "validate", "validate_stored", "visit"]
