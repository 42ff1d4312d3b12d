"""How one facility's software writes its files: envelope, order, empty elements, numbers and keys, fixed per facility."""

from __future__ import annotations

from dataclasses import dataclass

from .dice import Dice, Wheel


@dataclass(frozen=True, slots=True)
class Style:
    """One software's habits; every combination occurs in files seen in the wild (spec/claims-xml/envelope.md)."""

    nested: bool
    """tables as XML inside NOIDUNGFILE instead of base64"""
    swaps: float
    """share of files written the other way"""
    group: int
    """HOSO in a file at most"""
    bom: bool
    inner_bom: bool
    crlf: bool
    pretty: bool
    declaration: str
    """of the file"""
    inner_declaration: str
    namespaces: int
    """0 none, 1 xsi xsd, 2 xsd xsi, 3 on the inner root too"""
    cdata: bool
    wrap: int
    """base64 line length, 0 = one line"""
    empty: str
    """pair, self or omit"""
    order: int
    """0 official; 1 T_BHTT first; 2 T_BHTT, T_BNCCT, T_BNTT"""
    all_tables: bool
    """a FILEHOSO with an empty NOIDUNGFILE for each absent table"""
    empty_lists: bool
    """XML6, XML9, XML15 sent with an empty list"""
    decimals: int
    """0 shortest text, 1 always two decimals, 2 three for quantities and prices"""
    link: int
    """form of MA_LK: 0 number, 1 "25.001234", 2 "1234/2016", 3 a 90-character concatenation, 4 GUID-like"""
    running: bool
    """STT goes on across the HOSO of a file instead of starting at 1"""
    sequence: tuple[str, ...]
    """order of the tables in a HOSO, empty = official"""
    indicator: bool
    """MA_CHI_SO filled with the service code"""
    old_codes: bool
    """still writes the 4750 forms of machine codes and signer"""
    capitation: bool
    private_price: float
    """factor of hospital over insurance price"""
    upper: bool
    """names in capitals"""
    check_in: float
    """share of visits with a check-in file"""


_DECLARATIONS = Wheel(
    [
        ('<?xml version="1.0" encoding="utf-8"?>', 5),
        ('<?xml version="1.0" encoding="UTF-8"?>', 3),
        ("<?xml version='1.0' encoding='UTF-8'?>", 1),
        ('<?xml version="1.0"?>', 1),
        ('<?xml version="1.0" encoding="utf-8" standalone="yes"?>', 1),
    ]
)
_INNER = Wheel([('<?xml version="1.0" encoding="utf-8"?>', 4), ("", 4), ("<?xml version='1.0' encoding='utf-8'?>", 1), ('<?xml version="1.0"?>', 1)])
_SHUFFLED = ("XML1", "XML3", "XML2", "XML5", "XML4", "XML7", "XML8", "XML9", "XML10", "XML11", "XML6", "XML13", "XML14", "XML15")


def style(seed: int, *, large: bool) -> Style:
    """Draw the habits of one facility's software."""
    dice = Dice(seed)
    pretty = dice.chance(0.3)
    return Style(
        nested=dice.chance(0.25),
        swaps=dice.pick((0.0, 0.0, 0.05)),
        group=dice.pick((1, 1, 1, 5, 30, 37)) if large else dice.pick((1, 1, 10, 30)),
        bom=dice.chance(0.2),
        inner_bom=dice.chance(0.15),
        crlf=pretty and dice.chance(0.6),
        pretty=pretty,
        declaration=str(_DECLARATIONS.spin(dice)),
        inner_declaration=str(_INNER.spin(dice)),
        namespaces=dice.below(4),
        cdata=dice.chance(0.35),
        wrap=dice.pick((0, 0, 0, 64, 76)),
        empty=dice.pick(("pair", "pair", "self", "omit")),
        order=dice.pick((0, 0, 0, 1, 2)),
        all_tables=dice.chance(0.2),
        empty_lists=dice.chance(0.2),
        decimals=dice.pick((0, 0, 1, 2)),
        link=dice.pick((0, 0, 1, 1, 2, 3, 4)),
        running=dice.chance(0.15),
        sequence=_SHUFFLED if dice.chance(0.15) else (),
        indicator=dice.chance(0.25),
        old_codes=dice.chance(0.25),
        capitation=dice.chance(0.2),
        private_price=dice.pick((1.0, 1.0, 1.0, 1.15)) if large else 1.0,
        upper=dice.chance(0.3),
        check_in=dice.pick((0.0, 0.1, 0.3)),
    )
