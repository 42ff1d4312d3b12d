"""Resources of any R4 type, drawn from the definitions alone: every element, every type of a choice, gaps in arrays, extensions of primitives, hard values."""

from decimal import Decimal

from yba.fhir.definitions import UNBOUNDED, elements, is_primitive, resource_types, value_set

XHTML = "http://www.w3.org/1999/xhtml"
DEEPEST = 4
TYPES = sorted(resource_types())
RARE = {"id", "meta", "extension", "modifierExtension", "contained", "implicitRules"}
NARRATIVES = [
    f'<div xmlns="{XHTML}">x</div>',
    f'<div xmlns="{XHTML}" xml:lang="vi" lang="vi"><p class="a b" style="color: red">Sốt &amp; ho &lt;39&#176; &#xe9; &quot;</p></div>',
    f'<div xmlns="{XHTML}"><table border="1"><tbody><tr><td colspan="2"><table><tr><td>a<br/>b</td></tr></table></td></tr></tbody></table></div>',
    f'<div xmlns="{XHTML}">\n\t<pre>  a\n    b </pre>\n<img src="#i" alt="x"/><a name="t" href="http://h/?a=1&amp;b=2">y</a></div>',
    f'<div xmlns="{XHTML}">a<!-- note -->b<ul><li>một</li><li/></ul>🔥</div>',
    f'<div xmlns="{XHTML}">1 <![CDATA[<]]> 2</div>',
    f"<div xmlns='{XHTML}' id='n1'><b title='\"'>z</b></div>",
]
TEXTS = [
    "a", "Nguyễn Thị Ánh", " both sides ", "two\nlines", "tab\there", "a\r\nb", "\u00a0x\u00a0", "<b>&amp;</b>", "\"q\" 'q'", "🔥𝔘", "a,b|c$d\\e", "x" * 300, "null", "true", "0", "-1.0", "]]>",
    "&#x0;", "%", "a+b", "\u2028", "\ufeffx", "{}", "Đỗ", "ß", "İ", "١",
]  # fmt: skip
DECIMALS = ["1.10", "0.0", "0", "1E-7", "1e5", "1.0E+2", "-12.50", "0.1234567890123456789", "100000000000000000001", "3", "6.02e23", "-1e-3", "1.000"]
DAYS = ["2026-02-28", "2024-02-29", "0001-01-02", "9999-12-30", "1899-12-31", "2000-01-01"]
CLOCKS = ["00:00:00", "23:59:59", "12:30:15.1", "12:30:15.123", "12:30:15.1234567890123", "10:00:00.000"]
ZONES = ["Z", "+07:00", "-05:30", "+14:00", "-12:00", "+00:00", "-00:00"]
LEAPS = ["2016-12-31T23:59:60Z", "2017-01-01T06:59:60+07:00", "2016-12-31T23:59:60.500Z"]
IDS = ["a", "1", "A-1.b", "0" * 64, "c757873d-ec9a-4326-a141-556f43239520"]
UUID = f"urn:uuid:{IDS[-1]}"
URIS = [
    "http://h/a",
    "https://h.vn/a?b=c&d=e#f",
    "urn:oid:1.2.3",
    UUID,
    "urn:x",
    "http://h/a/b",
    "http://h/đ",
    "ftp://x/y;z",
    "rel/path",
    "mailto:a@b",
]
SIMPLE = {
    "boolean": [True, False],
    "integer": [0, 1, -1, 2**31 - 1, -(2**31), 42],
    "positiveInt": [1, 7, 2**31 - 1],
    "unsignedInt": [0, 1, 2**31 - 1],
    "decimal": [Decimal(one) if set(one) & set(".eE") or len(one) > 18 else int(one) for one in DECIMALS],
    "string": TEXTS,
    "markdown": [*TEXTS, "# T\n\n* a\n  * b\n\n    code", "[a](b) | c"],
    "time": CLOCKS,
    "uri": [*URIS, "#a"],
    "url": URIS,
    "canonical": ["http://h/c", "http://h/c|1.0", "http://h/c|1.0#f", "#local", "http://h/c|2026-01", UUID],
    "oid": ["urn:oid:1.2.840.113619.2.62.994044785528.114289542805", "urn:oid:0.0", "urn:oid:2.999"],
    "uuid": [UUID],
    "id": IDS,
    "code": ["a", "x-1", "two words", "a|b", "ý", "A,B", "$x", "<", "'", "0"],
    "base64Binary": ["AA==", "YWJj", "YWJjZGVm", "++//", "YWJj\nZGVm"],
    "xhtml": NARRATIVES,
}
UCUM = "http://unitsofmeasure.org"
UNITS = ["mg", "mmol/L", "cm", "d", "mo"]
QUANTITIES = {"Quantity", "Age", "Duration", "Count", "Distance"}
BOUND = {  # required sets that no list can hold
    "currencies": ["VND", "USD", "EUR"],
    "mimetypes": ["text/plain", "application/fhir+json", "image/svg+xml;charset=utf-8"],
    "ucum-units": ["mg", "cm", "1"],
}


class Draw:
    """Draws from one source of chance. ``fill``: how much of what may be there is; ``tame``: days of one year at noon, in order."""

    def __init__(self, chance, fill=0.35, *, tame=False):
        self.chance, self.fill = chance, fill
        self.days = ["2026-02-28", "2026-03-12", "2026-10-01"] if tame else DAYS
        self.clocks, self.zones, self.leaps = (["12:00:00"], ["Z", "+07:00"], []) if tame else (CLOCKS, ZONES, LEAPS)

    def resource(self, rtype, depth=0):
        """A resource that is structurally sound; invariants may be broken."""
        made = {"resourceType": rtype, **self._object(rtype, depth)}
        if rtype == "Bundle":
            for number, entry in enumerate(made.get("entry", ())):
                entry["fullUrl"] = f"http://h/{number}"
        return made

    def rarely(self, share=0.15):
        """Whether something is so."""
        return self.chance.random() < share

    def _object(self, type_, depth):
        if type_ == "Extension":
            return self._extension(depth)
        made = {}
        for element in elements(type_).values():
            share = self.fill / (1 + depth) * (0.15 if element.name in RARE else 1)
            if element.maximum and (element.minimum or (depth < DEEPEST and self.rarely(share))):
                made |= self._property(element, depth)
        if type_ == "Period" and made.get("start", "") > made.get("end", "~"):
            made["start"], made["end"] = made["end"], made["start"]
        return made or {"id": "e1"}

    def _extension(self, depth):
        made = {"url": "http://h/extension"} | ({"id": "x"} if self.rarely() else {})
        if depth < DEEPEST and self.rarely():
            return made | {"extension": [self._object("Extension", depth + 1) | {"url": "part"}]}
        value = elements("Extension")["value"]
        field = self.chance.choice([one for one in value.fields if depth < 2 or is_primitive(one.type)])
        return made | {field.key: self._value(field, value, depth + 1)}

    def _property(self, element, depth):
        field = self.chance.choice(element.fields)
        least, most = max(1, element.minimum), 3 if element.maximum == UNBOUNDED else element.maximum
        values = [self._value(field, element, depth) for _ in range(self.chance.randint(least, max(most, least)))]
        whole = not is_primitive(field.type) or field.type == "xhtml" or field.key in {"id", "url"} or depth >= DEEPEST
        shadows = [None if whole or not self.rarely() else self._shadow(depth) for _ in values]
        values = [None if shadow and "extension" in shadow and self.rarely(0.3) else one for one, shadow in zip(values, shadows, strict=True)]
        made = {field.key: values if element.many else values[0]} if any(one is not None for one in values) else {}
        return made | ({f"_{field.key}": shadows if element.many else shadows[0]} if any(shadows) else {})

    def _shadow(self, depth):
        made = {"id": "s-1"} if self.rarely(0.3) else {}
        return made if made and self.rarely(0.5) else made | {"extension": [self._object("Extension", max(depth + 1, 2))]}

    def _value(self, field, element, depth):
        type_ = field.type
        if element.binding:
            return self._bound(type_, element.binding)
        if is_primitive(type_):
            return self._primitive(type_)
        if type_ == "Resource":
            return self._inner(depth, element.name)
        if type_ == "Reference":
            return self._reference(field, depth)
        return self._quantity() if type_ in QUANTITIES else self._object(type_, depth + 1)

    def _bound(self, type_, url):
        found = value_set(url) or {UCUM: BOUND.get(url.rpartition("/")[2], ["vi", "en", "vi-VN"])}
        system, code = self.chance.choice(sorted((system, code) for system, codes in found.items() for code in codes))
        coding = {"system": system, "code": code}
        return {"coding": [coding]} if type_ == "CodeableConcept" else code if is_primitive(type_) else coding

    def _primitive(self, type_):
        day = self.chance.choice(self.days)
        if type_ == "date" or (type_ == "dateTime" and self.rarely(0.4)):
            return day[: self.chance.choice([4, 7, 10])]
        if type_ in {"dateTime", "instant"}:
            return (
                self.chance.choice(self.leaps or [day + "T12:00:00Z"])
                if self.rarely(0.05)
                else f"{day}T{self.chance.choice(self.clocks)}{self.chance.choice(self.zones)}"
            )
        return self.chance.choice(SIMPLE[type_])

    def _inner(self, depth, name):
        made = self.resource(self.chance.choice([one for one in TYPES if one not in {"Bundle", "Parameters"}]), max(depth + 1, 2))
        if name != "contained":
            return made
        return {key: one for key, one in made.items() if key not in {"contained", "meta", "text"}} | {"id": f"c{self.chance.randint(1, 10**6)}"}

    def _reference(self, field, depth):
        target = self.chance.choice(field.targets or ("Patient", "Observation", "Organization"))
        ident = self.chance.choice(IDS)
        forms = [f"{target}/{ident}", f"{target}/{ident}/_history/2", f"http://h/fhir/{target}/{ident}", f"https://k.vn/{target}/{ident}"]
        made = {"reference": self.chance.choice(forms)} if self.rarely(0.8) else {}
        made |= {"display": self.chance.choice(TEXTS)} if self.rarely(0.3) else {}
        made |= {"type": target} if self.rarely() else {}
        if not made or self.rarely():
            made["identifier"] = self._object("Identifier", max(depth + 1, 3)) | {"value": self.chance.choice(SIMPLE["code"])}
        return made

    def _quantity(self):
        made = {"value": self._primitive("decimal")} if self.rarely(0.9) else {}
        made |= {"comparator": self.chance.choice(["<", "<=", ">=", ">"])} if self.rarely(0.2) else {}
        made |= {"system": UCUM, "code": self.chance.choice(UNITS)} if self.rarely(0.7) else {}
        return made | ({"unit": self.chance.choice(["mg", "milligram", "năm"])} if not made or self.rarely(0.5) else {})


def digits(value):
    """A value whose numbers are their own digits: 1.10 is not 1.1."""
    if isinstance(value, dict):
        return {key: digits(one) for key, one in value.items()}
    if isinstance(value, list):
        return [digits(one) for one in value]
    return str(value)
