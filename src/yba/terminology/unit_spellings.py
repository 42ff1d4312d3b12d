"""Spellings of units in Vietnamese laboratories and pharmacies, and the UCUM code each one means."""

from __future__ import annotations

import re
from typing import Final

_TABLE: Final = str.maketrans({"µ": "u", "μ": "u", "×": "x", "·": ".", "−": "-", "⁻": "-", "∕": "/", "º": "°", "˚": "°"})
_SUPERSCRIPT: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_RAISED: Final = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹]+")
_POWER: Final = re.compile(r"(?:x|X|\*)?10(?:\^|\*|\*\*|e|E)?([0-9]{1,2})/(?:([dcmunpf])?[lL]|(mm3))")
LITRE: Final = re.compile(r"(?<![A-Za-z\[_'])([dcmunpfh]?)l(?![A-Za-z_\]])")

# Where capitals decide: these are other things in UCUM (gauss, tesla, kelvin, coulomb, picohenry, mega).
CASED: Final = {
    "G/L": "10*9/L",
    "G/l": "10*9/L",
    "Giga/L": "10*9/L",
    "T/L": "10*12/L",
    "T/l": "10*12/L",
    "Tera/L": "10*12/L",
    "K/uL": "10*3/uL",
    "K/ul": "10*3/uL",
    "k/uL": "10*3/uL",
    "M/uL": "10*6/uL",
    "M/ul": "10*6/uL",
    "C": "Cel",
    "pH": "[pH]",
    "g/L": "g/L",
    "g/l": "g/L",
    "mg/L": "mg/L",
    "M": "mol/L",
    "mM": "mmol/L",
}

# Folded (no tones, small letters) and without blanks.
WORDS: Final = {
    "10^9/l": "10*9/L",
    "mmhg": "mm[Hg]",
    "cmh2o": "cm[H2O]",
    "°c": "Cel",
    "oc": "Cel",
    "doc": "Cel",
    "do": "Cel",
    "giay": "s",
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "phut": "min",
    "gio": "h",
    "mm/gio": "mm/h",
    "mm/1h": "mm/h",
    "mm/1gio": "mm/h",
    "lan/phut": "/min",
    "l/p": "/min",
    "ck/phut": "/min",
    "nhip/phut": "/min",
    "bpm": "/min",
    "chuky/phut": "/min",
    "lan/ph": "/min",
    "ck/p": "/min",
    "nhip/p": "/min",
    "ui/l": "[IU]/L",
    "iu/l": "[IU]/L",
    "ui/ml": "[IU]/mL",
    "iu/ml": "[IU]/mL",
    "miu/l": "m[IU]/L",
    "mui/l": "m[IU]/L",
    "miu/ml": "m[IU]/mL",
    "mui/ml": "m[IU]/mL",
    "uiu/ml": "u[IU]/mL",
    "uui/ml": "u[IU]/mL",
    "kiu/l": "k[IU]/L",
    "ku/l": "k[IU]/L",
    "iu": "[IU]",
    "ui": "[IU]",
    "dvqt": "[IU]",
    "u/l": "U/L",
    "u/ml": "U/mL",
    "mcg": "ug",
    "mcg/l": "ug/L",
    "mcg/ml": "ug/mL",
    "mcg/dl": "ug/dL",
    "ug/dl": "ug/dL",
    "meq/l": "meq/L",
    "meq": "meq",
    "mosm/kg": "mosm/kg",
    "mosm/l": "mosm/L",
    "copies/ml": "{copies}/mL",
    "bansao/ml": "{copies}/mL",
    "cp/ml": "{copies}/mL",
    "s/co": "{s_co_ratio}",
    "sco": "{s_co_ratio}",
    "coi": "{COI}",
    "index": "{index}",
    "inr": "{INR}",
    "tyso": "{ratio}",
    "tile": "{ratio}",
    "ratio": "{ratio}",
    "ml/phut/1.73m2": "mL/min/{1.73_m2}",
    "ml/min/1.73m2": "mL/min/{1.73_m2}",
    "ml/phut/1.73m^2": "mL/min/{1.73_m2}",
    "ml/min/1.73m^2": "mL/min/{1.73_m2}",
    "ml/ph/1.73m2": "mL/min/{1.73_m2}",
    "ml/phut": "mL/min",
    "l/phut": "L/min",
    "tebao/ul": "{cells}/uL",
    "tb/ul": "{cells}/uL",
    "tb/mm3": "{cells}/uL",
    "cells/ul": "{cells}/uL",
    "leu/ul": "{cells}/uL",
    "ery/ul": "{cells}/uL",
    "/ul": "/uL",
    "/mm3": "/uL",
    "/vt": "/[HPF]",
    "/hpf": "/[HPF]",
    "g/24h": "g/(24.h)",
    "g/24gio": "g/(24.h)",
    "mg/24h": "mg/(24.h)",
    "mg/24gio": "mg/(24.h)",
    "mmol/24h": "mmol/(24.h)",
    "mmol/24gio": "mmol/(24.h)",
    "ml/24h": "mL/(24.h)",
    "ml/24gio": "mL/(24.h)",
    "mgfeu/l": "mg/L{FEU}",
    "mg/lfeu": "mg/L{FEU}",
    "ugfeu/ml": "ug/mL{FEU}",
    "ug/mlfeu": "ug/mL{FEU}",
    "ngfeu/ml": "ng/mL{FEU}",
    "ng/mlfeu": "ng/mL{FEU}",
    "kg/m2": "kg/m2",
    "kg/m^2": "kg/m2",
    "m^2": "m2",
    "lit": "L",
    "mililit": "mL",
    "gam": "g",
    "gram": "g",
    "miligam": "mg",
    "centimet": "cm",
    "met": "m",
    "kilogam": "kg",
    "ngay": "d",
    "tuan": "wk",
    "thang": "mo",
    "nam": "a",
    "tuoi": "a",
    "lan": "{times}",
    "vien": "{tablet}",
    "ong": "{ampule}",
    "lo": "{vial}",
    "goi": "{packet}",
    "chai": "{bottle}",
    "tui": "{bag}",
    "binh": "{cylinder}",
    "tuyp": "{tube}",
    "tube": "{tube}",
    "hop": "{box}",
    "cai": "{piece}",
    "chiec": "{piece}",
    "bo": "{set}",
    "giot": "[drp]",
    "liều": "{dose}",
    "lieu": "{dose}",
    "but": "{pen}",
    "but tiem": "{pen}",
    "thang thuoc": "{decoction}",
    "mieng": "{patch}",
    "donvi": "{unit}",
    "kit": "{kit}",
    "test": "{test}",
    "soi": "{thread}",
    "cuon": "{roll}",
}

_VOLUME: Final = "L"


def tidy(text: str) -> str:
    """One writing for micro, powers, decimal comma and blanks; still not UCUM."""
    text = _RAISED.sub(lambda found: "^" + found[0].translate(_SUPERSCRIPT) if found.start() else found[0], text)
    text = text.translate(_TABLE)
    return "".join(text.split()).replace("1,73", "1.73").strip(".,;")


def power_of_ten(text: str) -> str:
    """``x10^9/l`` -> ``10*9/L``; "" when it is not a count per volume."""
    found = _POWER.fullmatch(text)
    if found is None:
        return ""
    if found[3]:
        return f"10*{int(found[1])}/uL"
    return f"10*{int(found[1])}/{found[2] or ''}{_VOLUME}"
