"""What a command says of an error that ended it."""

from __future__ import annotations

import django.core.exceptions
import psycopg
from django.db import DatabaseError, InterfaceError

from yba.kit import log
from yba.kit.errors import YbaError
from yba.specs.claims import SpecError


def told(error: Exception) -> str | None:
    """Return the one line of an error of ours, of a faulty file or of the database; None of any other, whose place only a trace tells."""
    if isinstance(error, (YbaError, SpecError)):  # SpecError: a file of rights, roles or rules with a fault: nothing starts
        return str(error)
    if isinstance(error, (DatabaseError, InterfaceError, psycopg.Error)):
        log.get(__name__).error("command.failed")  # where it happened; the database's own words may quote a row
        return f"the database refused or went away ({type(error).__name__})."
    if isinstance(error, django.core.exceptions.ImproperlyConfigured):
        return f"Django is not set up as it must be: {error}"
    return None
