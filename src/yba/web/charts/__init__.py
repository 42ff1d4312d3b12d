"""Charts drawn on the server: plain numbers in, accessible SVG out; nothing of the warehouse is known here."""

from .area_map import Geometry, area_map, geometry
from .bars import bars, bullet
from .control import control
from .drawing import beside
from .fan import fan
from .funnel import funnel
from .line import line
from .model import Band, Bar, Coming, Dot, Flow, Level, Point, Shade, Watched
from .numbers import number
from .sankey import sankey

__all__ = [
    "Band",
    "Bar",
    "Coming",
    "Dot",
    "Flow",
    "Geometry",
    "Level",
    "Point",
    "Shade",
    "Watched",
    "area_map",
    "bars",
    "beside",
    "bullet",
    "control",
    "fan",
    "funnel",
    "geometry",
    "line",
    "number",
    "sankey",
]
