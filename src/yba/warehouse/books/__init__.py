"""The books of a facility: rows about people, found by the lake, shown by the record as it stands and as the reader may see it."""

from .asking import MOST, PAGE, Place, book, edition_for, may_open
from .model import Heading, Reading, Row, day_text
from .writing import as_csv, as_xlsx

__all__ = ["MOST", "PAGE", "Heading", "Place", "Reading", "Row", "as_csv", "as_xlsx", "book", "day_text", "edition_for", "may_open"]
