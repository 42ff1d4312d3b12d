"""Compile ../shared/data/geo into maps of the provinces' communes for the pages: src/yba/web/charts/geo/<province>.json.

Run: python tools/build_geo.py [folder]. Source: thanglequoc/vietnamese-provinces-database (2026-07-25, MIT), after the state publisher's
merger map; outlines for display, not for legal boundaries. Borders are simplified once for both sides (shared arcs), so no gap opens between them.
"""

from __future__ import annotations

import heapq
import json
import math
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

SOURCE = Path(__file__).parents[2] / "shared" / "data" / "geo"
TARGET = Path(__file__).parents[1] / "src" / "yba" / "web" / "charts" / "geo"
SIDE = 1000  # units of the longer side
EDGE = 8
DETAIL = 3.0  # square units: a corner whose triangle is smaller goes
SPECK = 1.5  # square units: an islet that is smaller goes, unless its commune has no larger one
FAR = 0.72  # a commune without which the map is so much smaller is drawn in a frame of its own
FRAME = 190  # units of a frame's side

Place = tuple[float, float]
Ring = list[int]


class Commune(NamedTuple):
    """One commune: polygons as rings of arcs."""

    code: str
    name: str
    polygons: list[list[Ring]]


def main() -> None:
    """Write a file for each province and one of all provinces."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SOURCE
    topology = json.loads((folder / "communes_3321.topojson").read_text("utf-8"))
    provinces = json.loads((folder / "provinces_34.geojson").read_text("utf-8"))["features"]
    arcs = opened(topology)
    found: dict[str, list[Commune]] = defaultdict(list)
    for one in topology["objects"]["communes"]["geometries"]:
        polygons = [one["arcs"]] if one["type"] == "Polygon" else one["arcs"]
        found[one["properties"]["p"]].append(Commune(one["properties"]["code"], one["properties"]["name"], polygons))
    total = 0
    for feature in provinces:
        code, name = feature["properties"]["code"], feature["properties"]["full_name"]
        made = json.dumps({"code": code, "name": name, **compiled(found[code], arcs)}, ensure_ascii=False, separators=(",", ":"))
        (TARGET / f"{code}.json").write_text(made + "\n", "utf-8")
        total += len(made.encode())
    print(f"{len(provinces)} provinces, {sum(map(len, found.values()))} communes, {total / 1024:.0f} KB")


def opened(topology: dict[str, Any]) -> list[list[Place]]:
    """Return the arcs as longitudes and latitudes."""
    (kx, ky), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            line.append((x * kx + x0, y * ky + y0))
        found.append(line)
    return found


def compiled(communes: list[Commune], arcs: list[list[Place]]) -> dict[str, Any]:
    """Return the map of a province: size, frames of what lies far away, paths by commune."""
    communes = sorted(communes)
    middle = math.cos(
        math.radians(sum(place[1] for one in communes for place in outline(one, arcs)[0]) / sum(len(outline(one, arcs)[0]) for one in communes))
    )
    boxes = {one.code: box([(x * middle, -y) for ring in outline(one, arcs) for x, y in ring]) for one in communes}
    away = far(boxes)
    near = joined([boxes[one.code] for one in communes if one.code not in away])
    scale = (SIDE - 2 * EDGE) / max(near[2] - near[0], near[3] - near[1])
    width, height = (round((near[place + 2] - near[place]) * scale) + 2 * EDGE for place in (0, 1))
    areas = {
        one.code: {"name": one.name, "d": path(one, arcs, middle, (EDGE - near[0] * scale, EDGE - near[1] * scale), scale)}
        for one in communes
        if one.code not in away
    }
    frames = []
    for place, code in enumerate(away):
        one = next(each for each in communes if each.code == code)
        left, top = width + EDGE, EDGE + place * (FRAME + EDGE)
        frames.append([left, top, FRAME, FRAME, one.name])
        own = boxes[code]
        fit = (FRAME - 3 * EDGE) / max(own[2] - own[0], own[3] - own[1])
        fit = min(fit, scale * 4)
        shift = (left + FRAME / 2 - (own[0] + own[2]) / 2 * fit, top + FRAME / 2 - (own[1] + own[3]) / 2 * fit)
        areas[code] = {"name": one.name, "d": path(one, arcs, middle, shift, fit)}
    if away:
        width, height = width + FRAME + 2 * EDGE, max(height, len(away) * (FRAME + EDGE) + EDGE)
    return {"width": width, "height": height, "frames": frames, "areas": dict(sorted(areas.items()))}


def outline(one: Commune, arcs: list[list[Place]]) -> list[list[Place]]:
    """Return the outer rings of a commune."""
    return [ring_of(polygon[0], arcs) for polygon in one.polygons]


def ring_of(ring: Ring, arcs: list[list[Place]]) -> list[Place]:
    """Return the places of a ring; an arc with a negative number runs backwards."""
    found: list[Place] = []
    for number in ring:
        line = arcs[number] if number >= 0 else arcs[~number][::-1]
        found += line[1:] if found else line
    return found


def box(places: list[Place]) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom."""
    return min(x for x, _ in places), min(y for _, y in places), max(x for x, _ in places), max(y for _, y in places)


def joined(boxes: list[tuple[float, float, float, float]]) -> tuple[float, float, float, float]:
    """Return the box around boxes."""
    return min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)


def far(boxes: dict[str, tuple[float, float, float, float]]) -> list[str]:
    """Return the communes without which the map is much smaller: islands far out, which would leave the rest a speck."""
    left, found = dict(boxes), []
    while len(left) > 1:
        whole = area(joined([*left.values()]))
        sizes = {code: area(joined([one for other, one in left.items() if other != code])) for code in left}
        code = min(sizes, key=lambda one: sizes[one])
        if sizes[code] > FAR * whole:
            break
        found.append(code)
        del left[code]
    return found


def area(one: tuple[float, float, float, float]) -> float:
    """Return the area of a box."""
    return (one[2] - one[0]) * (one[3] - one[1])


def path(one: Commune, arcs: list[list[Place]], middle: float, shift: Place, scale: float) -> str:
    """Return the outline as a path of whole units, relative steps."""

    def laid(number: int) -> list[Place]:
        line = [(x * middle * scale + shift[0], -y * scale + shift[1]) for x, y in arcs[number if number >= 0 else ~number]]
        kept = thinned(line)
        return kept if number >= 0 else kept[::-1]

    rings = []
    for polygon in one.polygons:
        for place, ring in enumerate(polygon):
            places: list[Place] = []
            for number in ring:
                places += laid(number)[1 if places else 0 :]
            rings.append((abs(surface(places)), place == 0, places))
    largest = max(size for size, outer, _ in rings if outer)
    return "".join(drawn(places) for size, _, places in rings if size >= SPECK or size == largest)


def thinned(line: list[Place]) -> list[Place]:
    """Take away the corners that show least (Visvalingam), never the ends: where communes meet stays."""
    if len(line) < 3:
        return line
    closed = line[0] == line[-1]
    before, after = {place: place - 1 for place in range(len(line))}, {place: place + 1 for place in range(len(line))}
    heap = [(triangle(line, place - 1, place, place + 1), place) for place in range(1, len(line) - 1)]
    sizes = {place: size for size, place in heap}
    heapq.heapify(heap)
    alive, floor = len(line), 4 if closed else 2
    gone = set()
    while heap and alive > floor:
        size, place = heapq.heappop(heap)
        if place in gone or size != sizes[place]:
            continue
        if size >= DETAIL:
            break
        gone.add(place)
        alive -= 1
        left, right = before[place], after[place]
        after[left], before[right] = right, left
        for one in (left, right):
            if 0 < one < len(line) - 1:
                sizes[one] = max(triangle(line, before[one], one, after[one]), size)
                heapq.heappush(heap, (sizes[one], one))
    return [place for number, place in enumerate(line) if number not in gone]


def triangle(line: list[Place], a: int, b: int, c: int) -> float:
    """Return the area of a corner."""
    (x1, y1), (x2, y2), (x3, y3) = line[a], line[b], line[c]
    return abs((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)) / 2


def surface(places: list[Place]) -> float:
    """Return the area of a ring."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(places, places[1:] + places[:1], strict=True)) / 2


def drawn(places: list[Place]) -> str:
    """Write a ring: "M10,20l3-4 5,6z"."""
    whole = [(round(x), round(y)) for x, y in places]
    steps = []
    for (x1, y1), (x2, y2) in pairwise(whole):
        if (x2 - x1, y2 - y1) != (0, 0):
            steps.append(f"{x2 - x1}{',' if y2 >= y1 else ''}{y2 - y1}")
    if steps and whole[0] == whole[-1]:
        steps.pop()  # z draws the last one
    if not steps:
        return ""
    text = steps[0] + "".join(one if one.startswith("-") else f" {one}" for one in steps[1:])
    return f"M{whole[0][0]},{whole[0][1]}l{text}z"


if __name__ == "__main__":
    main()
