"""The compiled catalogues of the synthetic province: medicines, services, indicators, diagnoses, communes and names."""

from __future__ import annotations

import csv
import json
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("data")
SPECS = Path(__file__).parents[1] / "specs" / "synth"
CHEAP = 1_000_000
"""1/1000 VND: prices below 1,000 VND are quoted in halves."""
NEW_ICD_FROM = 20260701
"""Visits that end from this day on are coded by TT 06/2026, earlier ones by QĐ 4469."""


@dataclass(frozen=True, slots=True)
class Product:
    """A registered product of one medicine; price in 1/1000 VND per unit."""

    registration: str
    name: str
    strength: str
    ingredient: str
    route: str
    price: int


@dataclass(frozen=True, slots=True)
class Medicine:
    """How one medicine is given, and the products it may be."""

    key: str
    unit: str
    form: str
    each: int
    times: int
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Lab:
    """One indicator of XML4: reference range by sex, or the words of a qualitative result."""

    key: str
    code: str
    name: str
    unit: str
    decimals: int
    centre: tuple[float, float]
    spread: tuple[float, float]
    values: tuple[str, ...]
    positive: str


@dataclass(frozen=True, slots=True)
class Service:
    """A service of XML3 with what it reports in XML4; price in VND."""

    key: str
    code: str
    name: str
    group: int
    price: int
    machine: str
    department: str
    panel: tuple[Lab, ...]
    image: tuple[tuple[str, str], tuple[str, str]] | None
    anaesthesia: int
    icd9: str


@dataclass(frozen=True, slots=True)
class Supply:
    """A medical supply; price in VND."""

    code: str
    name: str
    unit: str
    price: int


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune since 2025-07-01 and up to two of the former ones it was made of: (code, name, district code)."""

    code: str
    name: str
    province: str
    lat: float
    lon: float
    former: tuple[tuple[str, str, str], ...]


def spec(name: str) -> dict[str, Any]:
    """Read one hand-written table of `specs/synth/`."""
    return tomllib.loads((SPECS / f"{name}.toml").read_text("utf-8"))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def medicines() -> dict[str, Medicine]:
    """Give every medicine by key; a product's price lies around the medicine's, fixed by its registration number."""
    sold: dict[str, list[dict[str, str]]] = {}
    for row in _rows("products.csv"):
        sold.setdefault(row["medicine"], []).append(row)
    return {
        key: Medicine(key, one["u"], one["f"], one["per"], one["n"], tuple(_product(row, one["p"]) for row in sold[key]))
        for key, one in spec("medicines")["medicine"].items()
    }


def _product(row: dict[str, str], price: float) -> Product:
    wobble = sum(map(ord, row["registration"])) % 61 - 20  # -20 … +40 %: the same product costs the same in every run
    cost = int(price * 1000) * (100 + wobble) // 100
    step = 500 if cost < CHEAP else 1000  # half a đồng below 1,000 đồng, else whole
    return Product(row["registration"], row["name"], row["strength"], row["ingredient"], row["route"], max(step, cost // step * step))


@cache
def labs() -> dict[str, Lab]:
    """Give every indicator by key."""
    told = {row["key"]: row for row in _rows("labs.csv")}
    found = {}
    for key, one in spec("services")["lab"].items():
        row = told[key]
        ranges = [(float(row["low_" + sex] or 0), float(row["high_" + sex] or 0)) for sex in "mf"]
        found[key] = Lab(
            key=key,
            code=key,
            name=row["name"],
            unit=row["unit"],
            decimals=one.get("d", 0),
            centre=((ranges[0][0] + ranges[0][1]) / 2, (ranges[1][0] + ranges[1][1]) / 2),
            spread=((ranges[0][1] - ranges[0][0]) / 4, (ranges[1][1] - ranges[1][0]) / 4),
            values=tuple(one.get("values", ())),
            positive=one.get("positive", ""),
        )
    return found


@cache
def services() -> dict[str, Service]:
    """Give every service by key, consultations and beds included."""
    told = {row["key"]: row for row in _rows("services.csv")}
    words = spec("services")
    found = {}
    for key, one in (words["service"] | words["extra"]).items():
        image = words["image"].get(one.get("image", ""))
        found[key] = Service(
            key=key,
            code=told[key]["code"],
            name=told[key]["name"],
            group=one["group"],
            price=int(told[key]["price"]),
            machine=one.get("machine", ""),
            department=one.get("dept", ""),
            panel=tuple(labs()[name] for name in one.get("panel", ())),
            image=((image["normal"][0], image["normal"][1]), (image["abnormal"][0], image["abnormal"][1])) if image else None,
            anaesthesia=one.get("anaesthesia", 0),
            icd9=one.get("icd9", ""),
        )
    return found


@cache
def supplies() -> dict[str, Supply]:
    """Give every medical supply by key."""
    return {key: Supply(one["code"], one["name"], one["unit"], one["price"]) for key, one in spec("services")["supply"].items()}


@cache
def diagnoses() -> tuple[dict[str, tuple[str, bool]], dict[str, tuple[str, bool]]]:
    """Give (QĐ 4469, TT 06/2026): code -> name and whether it may be the main diagnosis; codes absent from an edition are left out."""
    old, new = {}, {}
    for row in _rows("icd.csv"):
        if row["name_2020"]:
            old[row["code"]] = (row["name_2020"], row["main_2020"] == "1")
        if row["name_2026"]:
            new[row["code"]] = (row["name_2026"], row["main_2026"] == "1")
    return old, new


@cache
def communes(province: str) -> tuple[Commune, ...]:
    """Give the communes of one of the 34 provinces."""
    found = []
    for row in _rows("communes.csv"):
        if row["province"] == province:
            former = tuple((code, name, district) for code, name, district in (part.split(":") for part in row["former"].split("|") if part))
            found.append(Commune(row["code"], row["name"], row["province"], float(row["lat"]), float(row["lon"]), former))
    return tuple(found)


@cache
def province_names() -> tuple[dict[str, str], dict[str, str]]:
    """Give (before, since) 2025-07-01: province code -> full name."""
    rows = _rows("provinces.csv")
    return ({row["code"]: row["name"] for row in rows if row["era"] == "2016"}, {row["code"]: row["name"] for row in rows if row["era"] == "2025"})


@cache
def districts() -> dict[str, tuple[str, str]]:
    """Give former districts: code -> (full name, former province code)."""
    return {row["code"]: (row["name"], row["province"]) for row in _rows("districts.csv")}


@cache
def name_parts() -> dict[str, Any]:
    """Give the compiled Kinh names: surnames with share, middle-and-given names by sex."""
    parts: dict[str, Any] = json.loads((DATA / "names.json").read_text("utf-8"))
    return parts
