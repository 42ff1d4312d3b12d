"""Matching by weights: what a description is compared by, what a pair weighs, whom a description may belong to."""

from . import batch, link, training
from .candidates import Asked, Choice, Scored, ask_shared, candidates, choose, forget, is_shared, remember
from .features import Description, Features, digest, features
from .link import Linked, link_table
from .model import Explanation, Model, Part, current, load, own_releases
from .sql import Dialect, level_column, score_sql
from .tables import Finding

__all__ = [
    "Asked",
    "Choice",
    "Description",
    "Dialect",
    "Explanation",
    "Features",
    "Finding",
    "Linked",
    "Model",
    "Part",
    "Scored",
    "ask_shared",
    "batch",
    "candidates",
    "choose",
    "current",
    "digest",
    "features",
    "forget",
    "is_shared",
    "level_column",
    "link",
    "link_table",
    "load",
    "own_releases",
    "remember",
    "score_sql",
    "training",
]
