"""The Django app of this room: it brings the tables of ingest."""

from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Originals, claims with their versions, outcomes and findings."""

    name = "yba.ingest"
    label = "ingest"
