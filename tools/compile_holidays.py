"""Write src/yba/specs/holidays.csv: the days off of Vietnam from 2015 to 2045, Tết and Hùng Kings by the moon as seen from Hà Nội.

Moons by Meeus, Astronomical Algorithms (2nd ed.), chapters 25 and 49, in the order of Hồ Ngọc Đức's computation of the Vietnamese calendar
(https://www.informatik.uni-leipzig.de/~duc/amlich/), whose zone is UTC+7: in 2007 and 2030 Tết is a day before China's New Year. The days off are those of
the Labour Code 2019, article 112 (two for the National Day since 2021); which days around Tết are off is decided each autumn, the file takes the
two before it to the fourth after. tests/specs/test_forecasts.py holds them against years that are known.
"""

import math
from datetime import date, timedelta
from pathlib import Path

OUT = Path(__file__).parents[1] / "src" / "yba" / "specs" / "holidays.csv"
YEARS = range(2015, 2046)
ZONE = 7
MONTH = 29.530588853


def new_moon(k: int) -> int:
    """Give the Julian day number, in Hà Nội, of the k-th new moon since 1900-01-01."""
    t = k / 1236.85
    r = math.pi / 180
    jd = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    jd += 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t**2) * r)
    m = 359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3
    mm = 306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3
    f = 21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3
    c = (0.1734 - 0.000393 * t) * math.sin(m * r) + 0.0021 * math.sin(2 * r * m) - 0.4068 * math.sin(mm * r) + 0.0161 * math.sin(r * 2 * mm)
    c += -0.0004 * math.sin(r * 3 * mm) + 0.0104 * math.sin(r * 2 * f) - 0.0051 * math.sin(r * (m + mm)) - 0.0074 * math.sin(r * (m - mm))
    c += 0.0004 * math.sin(r * (2 * f + m)) - 0.0004 * math.sin(r * (2 * f - m)) - 0.0006 * math.sin(r * (2 * f + mm))
    c += 0.0010 * math.sin(r * (2 * f - mm)) + 0.0005 * math.sin(r * (2 * mm + m))
    late = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return math.floor(jd + c - late + 0.5 + ZONE / 24)


def sun_sector(day: int) -> int:
    """Give the sector (0 to 11, 30 degrees each, 0 from the March equinox) of the sun at the midnight a day begins in Hà Nội."""
    t = (day - 0.5 - ZONE / 24 - 2451545.0) / 36525
    r = math.pi / 180
    m = 357.52910 + 35999.05030 * t - 0.0001559 * t**2
    lon = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    lon += (1.914600 - 0.004817 * t) * math.sin(r * m) + (0.019993 - 0.000101 * t) * math.sin(2 * r * m) + 0.000290 * math.sin(3 * r * m)
    return math.floor((lon % 360) / 30)


def eleventh(year: int) -> int:
    """Give the k of the new moon that begins the eleventh month, which holds the winter solstice of a year."""
    k = math.floor((date(year, 12, 31).toordinal() + 1721425 - 2415021) / MONTH)
    return k - 1 if sun_sector(new_moon(k)) >= 9 else k


def tet(year: int) -> tuple[date, int]:
    """Give the first day of the lunar year and the k of its moon: two months after the eleventh, three where a month between is a leap one."""
    k, until = eleventh(year - 1), eleventh(year)
    leap = 0
    if until - k == 13:  # the first month without a change of sector is the leap one
        leap = next(n for n in range(1, 14) if sun_sector(new_moon(k + n)) == sun_sector(new_moon(k + n + 1)))
    first = k + 2 + (1 if 1 <= leap <= 2 else 0)
    return date.fromordinal(new_moon(first) - 1721425), first


def third(year: int) -> date:
    """Give Hùng Kings' day: the tenth of the third lunar month; a leap month before it moves it."""
    _, k = tet(year)
    months = 0
    n = k
    while months < 2:
        n += 1
        if sun_sector(new_moon(n)) != sun_sector(new_moon(n + 1)):  # a month with a change of sector has a number of its own
            months += 1
    return date.fromordinal(new_moon(n) - 1721425 + 9)


def main() -> None:
    """Write the file."""
    lines = [
        "# Days off of Vietnam: Labour Code 2019 art. 112 (New Year, Tết, Hùng Kings, 30/4 and 1/5, National Day with one more day since 2021).",
        "# Tết as computed by tools/compile_holidays.py (moons at UTC+7), from two days before it to its fourth day; days moved by decree and",
        "# days in lieu of weekends are not in it. 2026-11-22.",
        "kind,first,last",
    ]
    for year in YEARS:
        first, _ = tet(year)
        rows = [("public", date(year, 1, 1), date(year, 1, 1)), ("tet", first - timedelta(days=2), first + timedelta(days=3))]
        rows += [("public", third(year), third(year)), ("public", date(year, 4, 30), date(year, 5, 1))]
        rows += [("public", date(year, 9, 2) - timedelta(days=1 if year >= 2021 else 0), date(year, 9, 2))]
        lines += [f"{kind},{one.isoformat()},{last.isoformat()}" for kind, one, last in sorted(rows, key=lambda row: row[1])]
    OUT.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{OUT}: {len(lines) - 4} rows")


if __name__ == "__main__":
    main()
