"""Matching by weights: what a description is compared by, what a pair weighs, whom a description may belong to."""

from .candidates import Asked, Choice, Scored, candidates, choose, forget, remember
from .features import Description, Features, digest, features
from .model import Explanation, Model, Part, current, load
from .sql import Dialect, score_sql

__all__ = [
    "Asked",
    "Choice",
    "Description",
    "Dialect",
    "Explanation",
    "Features",
    "Model",
    "Part",
    "Scored",
    "candidates",
    "choose",
    "current",
    "digest",
    "features",
    "forget",
    "load",
    "remember",
    "score_sql",
]
