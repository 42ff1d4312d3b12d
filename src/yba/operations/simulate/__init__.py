"""Simulated outside registers: real HTTP servers in their own shapes, with errors, delays and outages; never in the product's path."""

from .card import CardRegister
from .moods import Mood, Weather
from .population import Direct, Licensed
from .residents import Card, Resident, load
from .server import Simulated, Told

__all__ = ["Card", "CardRegister", "Direct", "Licensed", "Mood", "Resident", "Simulated", "Told", "Weather", "load"]
