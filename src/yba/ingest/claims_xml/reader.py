"""Read one claim: a range of bytes that the scanner found becomes raw text rows by table."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from lxml import etree

from yba.ingest.faults import finding
from yba.ingest.model import VALUE_LENGTH, Envelope, Finding, ParsedClaim, Row

from . import documents, plain
from .dialect import recognise
from .roots import by_root

MOST_PER_RULE: Final = 200
"""Findings of one rule told one by one; the rest is one more with their number."""
MAX_CLAIM_BYTES: Final = 32 << 20  # the longest stay seen is 1.7 MB; a tree takes some eight times its text in memory


def read_claim(data: bytes, envelope: Envelope, *, lone: bool = False) -> ParsedClaim:
    """Read ``<HOSO>…</HOSO>`` (or a lone TONG_HOP) into a claim.

    Never raises on content: what cannot be read becomes a finding in ``reading``; one of severity REJECT means that there is no claim
    to go on with. Values are the raw text after XML unescaping; "no value" in any of its forms is absent from the row.
    """
    claim = _Reading(envelope)
    if len(data) > MAX_CLAIM_BYTES:
        claim.fault("READ015", value=f"{len(data)}")
        return claim.done()
    return claim.done() if claim.plainly(data, lone=lone) else parsed_claim(data, envelope, lone=lone)


def parsed_claim(data: bytes, envelope: Envelope, *, lone: bool = False) -> ParsedClaim:
    """Read a claim with the XML parser alone: what `read_claim` gives, for whatever is not written plainly."""
    claim = _Reading(envelope)
    root, notes = documents.parse(data)
    claim.notes("", notes)
    if root is None:
        claim.fault("READ002")
        return claim.done()
    plain_names(root)
    if lone:
        claim.table(root, "")
        return claim.done()
    for part in root:
        if part.tag == "FILEHOSO":
            claim.part(part)
    return claim.done()


class _Reading:
    """What has been read of one claim so far."""

    def __init__(self, envelope: Envelope) -> None:
        self.envelope = envelope
        self.tables: dict[str, list[Row]] = {}
        self.present: set[str] = set()
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()

    def fault(self, rule: str, table: str = "", value: str = "", row: int = 0, field: str = "") -> None:
        self.counts[rule] += 1
        if self.counts[rule] <= MOST_PER_RULE:
            self.findings.append(finding(rule, table=table[:VALUE_LENGTH], row=row, field=field[:VALUE_LENGTH], value=value))

    def notes(self, table: str, notes: list[documents.Note]) -> None:
        for rule, value in notes:
            self.fault(rule, table, value)

    def plainly(self, data: bytes, *, lone: bool) -> bool:
        """Read a claim without the parser; False when it must begin again with it."""
        if lone:
            text = plain.text_of(data)
            found = None if text is None else plain.table(text)
            return found is not None and self._take(found, "")
        parts = plain.parts(data)
        return parts is not None and all(self._plain_part(named, content) for named, content in parts)

    def _plain_part(self, named: str, content: bytes) -> bool:
        """Read one FILEHOSO; a document that is not plain goes to the parser alone if its base64 is in order."""
        if plain.blank(content):
            return True
        nested = b"<" in content
        data = content if nested else plain.decoded(content)
        if data is None:
            return False
        text = plain.text_of(data)
        found = None if text is None else plain.table(text, nested=nested)
        if found is not None:
            return self._take(found, named)
        if nested:
            return False
        self._documents(named, *documents.content_of(content.decode()))
        return True

    def _take(self, found: plain.Table, named: str) -> bool:
        """Add the rows of a table that was read plainly."""
        name, _ = by_root()[found.root]
        if named and named != name:
            self.fault("READ010", name, named)
        self.tables.setdefault(name, []).extend(found.rows)
        if name == "XML1":
            self.present.update(found.present)
        return True

    def part(self, part: etree._Element) -> None:
        """Read one FILEHOSO; its table is told by its root, LOAIHOSO is only compared."""
        named = (part.findtext("LOAIHOSO") or "").strip().upper()
        if part.find("FILEHOSO") is not None:
            self.fault("READ016", named)
            return
        holder = part.find("NOIDUNGFILE")
        if holder is None:
            return
        self._documents(named, *documents.content(holder))

    def _documents(self, named: str, roots: list[etree._Element], notes: list[documents.Note], empty: bool) -> None:  # noqa: FBT001  # as content gives it
        self.notes(named, notes)
        for root in roots:
            plain_names(root)
            self.table(root, named)
        if not roots and not empty:
            self.fault("READ004" if named == "XML1" else "READ005", named)

    def table(self, root: etree._Element, named: str) -> None:
        """Add the rows of one table document."""
        name, record = by_root().get(root.tag, ("", ""))
        if not name:
            self.fault("READ009", named, str(root.tag))
            return
        if named and named != name:
            self.fault("READ010", name, named)
        rows = self.tables.setdefault(name, [])
        if root.tag == record:
            self._add(rows, name, root)
            return
        for element in records_of(root, frozenset((record,))):
            self._add(rows, name, element)

    def _add(self, rows: list[Row], name: str, element: etree._Element) -> None:
        row, repeated = row_of(element)
        if name == "XML1":
            self.present.update(str(child.tag) for child in element)
        for tag, text in repeated:
            self.fault("READ019", name, text, len(rows) + 1, tag)
        rows.append(row)

    def done(self) -> ParsedClaim:
        self.findings += [finding(rule, value=f"+{count - MOST_PER_RULE}") for rule, count in self.counts.items() if count > MOST_PER_RULE]
        summary = (self.tables.get("XML1") or [{}])[0]
        facility = summary.get("MA_CSKCB", "").strip() or self.envelope.facility
        decision = recognise(self.tables, self.present)
        link = summary.get("MA_LK", "").strip()
        return ParsedClaim(decision, facility, link, self.tables, self.envelope, self.findings)


def records_of(root: etree._Element, names: frozenset[str]) -> Iterator[etree._Element]:
    """The records below a root, in order. One inside another is no record of its own: each level would repeat all the text below it."""
    open_ = [iter(root)]
    while open_:
        for element in open_[-1]:
            if element.tag in names:
                yield element
            elif len(element):
                open_.append(iter(element))
                break
        else:
            open_.pop()


def row_of(element: etree._Element) -> tuple[Row, list[tuple[str, str]]]:
    """The raw text of a record's fields, and the fields that stand twice with another text."""
    row: Row = {}
    repeated: list[tuple[str, str]] = []
    for child in element:
        text = child.text if not len(child) else "".join(map(str, child.itertext()))
        if text:
            tag = child.tag
            if tag not in row:
                row[tag] = text
            elif row[tag] != text:
                repeated.append((tag, text))
    return row, repeated


def plain_names(root: etree._Element) -> None:
    """Take a default namespace off, should a program have written one: the decisions know none."""
    if not root.nsmap.get(None) and not root.prefix:
        return
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
