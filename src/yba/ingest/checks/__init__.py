"""Checking a claim against the rules of its decision and day: everything at once, nothing dropped, nothing raised."""

from .engine import check, check_file
from .model import Context
from .render import Cause, group, render, rule_of

__all__ = ["Cause", "Context", "check", "check_file", "group", "render", "rule_of"]
