"""The record: FHIR resources of every person, with every version, under row security."""

from .actions import move_person, put_many, tombstone_many
from .model import NOBODY, DataCoverage, FacilityData, Put, PutCounts, Ref, StoredResource
from .queries import coverage_of_data, get, history, of_person, of_source, with_tokens

__all__ = [
    "NOBODY",
    "DataCoverage",
    "FacilityData",
    "Put",
    "PutCounts",
    "Ref",
    "StoredResource",
    "coverage_of_data",
    "get",
    "history",
    "move_person",
    "of_person",
    "of_source",
    "put_many",
    "tombstone_many",
    "with_tokens",
]
