"""Every interaction at its address: one table, from which routing, rights, the CapabilityStatement and OpenAPI are made."""

from __future__ import annotations

from functools import cache

from . import later, operations, reading, searching, token, writing
from .batch import Batch
from .call import Table
from .capability import Capability


@cache
def table() -> Table:
    """Return the table, made once."""
    made = Table()
    about, bundles = Capability(made), Batch(made)
    made.add("capabilities", "GET", "metadata", about.statement, anonymous=True)
    made.add("openapi", "GET", "openapi.json", about.openapi, anonymous=True)
    made.add("token", "POST", "token", token.take, anonymous=True)
    made.add("batch", "POST", "", bundles.post)
    made.add("search-system", "GET", "", searching.of_all)
    made.add("search-system-post", "POST", "_search", searching.posted)
    made.add("history-system", "GET", "_history", reading.history_of_all)
    made.add("search-type", "GET", "{type}", searching.of_type, alone=searching.of_type_alone)
    made.add("search-type-post", "POST", "{type}/_search", searching.posted)
    made.add("create", "POST", "{type}", writing.create)
    made.add("update-where", "PUT", "{type}", writing.update_where)
    made.add("patch-where", "PATCH", "{type}", writing.change_where)
    made.add("delete-where", "DELETE", "{type}", writing.remove_where)
    made.add("history-type", "GET", "{type}/_history", reading.history_of_type)
    made.add("read", "GET", "{type}/{id}", reading.read, alone=reading.read_alone)
    made.add("update", "PUT", "{type}/{id}", writing.update)
    made.add("patch", "PATCH", "{type}/{id}", writing.change)
    made.add("delete", "DELETE", "{type}/{id}", writing.remove)
    made.add("history", "GET", "{type}/{id}/_history", reading.history)
    made.add("vread", "GET", "{type}/{id}/_history/{version}", reading.vread)
    made.add("search-compartment", "GET", "{compartment}/{id}/{type}", searching.of_compartment)
    made.add("search-compartment-post", "POST", "{compartment}/{id}/{type}/_search", searching.of_compartment_posted)
    made.add("later", "GET", "_async/{id}", later.status)
    made.add("later-cancel", "DELETE", "_async/{id}", later.cancel)
    made.add("everything", "GET POST", "Patient/{id}/$everything", operations.everything, alone=operations.everything_alone)
    made.add("summary", "GET POST", "Patient/{id}/$summary", operations.summary)
    made.add("visit", "GET", "Encounter/{id}/$visit", operations.visit)
    made.add("match", "POST", "Patient/$match", operations.match)
    made.add("merge", "POST", "Patient/$merge", operations.merge)
    made.add("lastn", "GET POST", "Observation/$lastn", operations.lastn)
    made.add("validate-any", "POST", "$validate", operations.validate)
    made.add("validate", "POST", "{type}/$validate", operations.validate)
    made.add("validate-at", "POST", "{type}/{id}/$validate", operations.validate)
    made.add("validate-stored", "GET", "{type}/{id}/$validate", operations.validate_stored)
    return made
