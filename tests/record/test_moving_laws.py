"""Laws of merging, splitting and undoing, over drawn worlds of claims: births, reused and missing numbers, corrections, withdrawals, deaths, check-ins."""

import os
from itertools import count
from typing import NamedTuple
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.ingest.builder import tables
from tests.ingest.test_births import ROW
from tests.ingest.test_relations import check_in
from tests.record.world import OPERATOR, export, merge, snapshot, split, take, undo
from yba import identity, ingest, record
from yba.kit.db import reading
from yba.record.lines import locator_key

LONG = bool(os.environ.get("YBA_LONG"))  # an example is a province in small
LAWS = settings(
    max_examples=12 if LONG else 6,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
    phases=[Phase.generate, Phase.target],
)
FACILITIES = ("11001", "11002", "79001")
_number = count(1)


class Visit(NamedTuple):
    """One drawn claim: where, under which number, and what is peculiar about it."""

    facility: str
    kind: str  # plain, anonymous, reused, delivery, corrected, withdrawn, death, announced


VISITS = st.builds(
    Visit,
    st.sampled_from(FACILITIES),
    st.sampled_from(["plain", "plain", "anonymous", "reused", "delivery", "corrected", "withdrawn", "announced"]),
)
WORLDS = st.lists(st.lists(VISITS, min_size=1, max_size=3), min_size=2, max_size=2)


class Human:
    """A made-up human whom no weight links to another: everything that is said differs."""

    def __init__(self, visits):
        self.number = next(_number)
        self.visits = visits
        self.card = f"HT2{self.number % 100:02}{7_000_000_000 + self.number * 7919}"
        self.links = []

    def said(self, visit):
        """The demographic fields of a visit."""
        year, word = 1930 + self.number % 60, _word(self.number)
        return {
            "HO_TEN": f"{word} {_word(self.number * 31)} {_word(self.number * 97)}", "NGAY_SINH": f"{year}{1 + self.number % 12:02}170000",
            "MA_BN": None if visit.kind == "anonymous" else f"BN{self.number}", "SO_CCCD": None, "MA_THE_BHYT": self.card,
            "DIEN_THOAI": f"09{self.number * 7_919_003 % 100_000_000:08}", "DIA_CHI": f"Số {self.number} ngõ {word}", "MA_CSKCB": visit.facility,
            "MAXA_CU_TRU": ("03127", "00004")[self.number % 2], "MATINH_CU_TRU": ("11", "01")[self.number % 2],
        }  # fmt: skip

    def come(self, other):
        """Send all claims of this human; a reused number is another human's at that facility."""
        for visit in self.visits:
            link = f"25.{next(_number):06}"
            said = self.said(visit)
            if visit.kind == "reused" and other is not None:
                said["MA_BN"] = f"BN{other.number}"
            self._send(visit, link, said)

    def _send(self, visit, link, said):
        day = 1 + int(link[-6:]) % 3  # visits at one time are common: what was said last is then told by the order of landing
        made = tables(link, NGAY_VAO=f"202602{day:02}0800", NGAY_RA=f"202602{day:02}1000", **said)
        if visit.kind == "delivery":
            card = f"TE111{link[-6:].replace('.', '0')}0000"
            made["XML9"] = [ROW | {"MA_LK": link, "MA_THE_TAM": card, "HO_TEN_CON": "Con bà", "NGAY_SINH_CON": "202603100845"}]
        if visit.kind == "announced":
            ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=check_in(link, visit.facility, MA_BN=said["MA_BN"] or "", HO_TEN=said["HO_TEN"],
                        NGAY_SINH=said["NGAY_SINH"], SO_CCCD="", MA_THE_BHYT=self.card))  # fmt: skip
        landing = take(made)
        if visit.kind == "corrected":
            made["XML1"][0]["CHAN_DOAN_RV"] = "Tăng huyết áp, đái tháo đường"
            take(made)
        if visit.kind == "withdrawn":
            ingest.withdraw(by=OPERATOR, transaction=landing.transaction, reason="gửi nhầm")
        else:
            self.links.append((visit.facility, link))


def _word(number):
    return "".join("bcdghklmnt"[number // 10**at % 10] + "aeiou"[number // 3**at % 5] for at in range(3)).capitalize()


def world(drawn):
    """Two humans and who they were taken for: (claims, person of the first, person of the second)."""
    one, two = Human(drawn[0]), Human(drawn[1])
    one.come(None)
    two.come(one)
    with reading(by=OPERATOR) as conn:
        first, second = (identity.find(conn, by=OPERATOR, id=human.card)[0] for human in (one, two))
    assert first != second
    return (*one.links, *two.links), first, second


def sources_of(person):
    with reading(by=OPERATOR) as conn:
        return identity.acts_of(conn, by=OPERATOR, person_id=person)[0].sources


def exported(links):
    return [export(*link) for link in links]


@pytest.mark.law("SKDT-R14")
@LAWS
@given(drawn=WORLDS)
def test_merge_then_split_is_as_before(database, drawn):
    links, keep, drop = world(drawn)
    before, files = snapshot(), exported(links)
    merge(keep, drop)
    assert exported(links) == files
    done = split(keep, sources_of(keep))
    assert done.taker == drop
    assert_same(before, snapshot())
    assert exported(links) == files


@pytest.mark.law("SKDT-R14")
@LAWS
@given(drawn=WORLDS)
def test_undo_is_as_before(database, drawn):
    _links, keep, drop = world(drawn)
    before = snapshot()
    done = merge(keep, drop)
    after = snapshot()
    undone = undo(done.act)
    assert_same(before, snapshot())
    with pytest.raises(identity.NotDone):
        undo(done.act)
    again = merge(keep, drop)
    assert_same(after, snapshot())
    assert again.act > undone.act


def assert_same(before, after):
    """Say which table differs, and in which rows."""
    assert before.keys() == after.keys()
    for name, rows in before.items():
        gone, new = [row for row in rows if row not in after[name]], [row for row in after[name] if row not in rows]
        assert (name, gone, new) == (name, [], [])


@LAWS
@given(drawn=WORLDS)
def test_either_order_gives_the_same_clinical_record(database, drawn):
    _, one, other = world(drawn)
    done = merge(one, other)
    first = clinical(one)
    undo(done.act)
    merge(other, one)
    assert clinical(other) == first


@LAWS
@given(drawn=WORLDS)
def test_sent_again_or_mapped_again_nothing_changes(database, drawn):
    links, keep, drop = world(drawn)
    files = dict(zip(links, exported(links), strict=True))
    for act in (lambda: merge(keep, drop), lambda: split(keep, sources_of(keep))):
        act()
        before = snapshot()
        for link, file in files.items():
            landing = ingest.land(by=OPERATOR, channel=ingest.Channel.FILE, data=file)
            ingest.process(by=OPERATOR)
            (told,) = ingest.receipt(by=OPERATOR, transaction=landing.transaction).claims
            assert told.outcome is ingest.Outcome.UNCHANGED, link
        ingest.replay(by=OPERATOR, every=True)
        assert_same(before, snapshot())


@settings(LAWS, max_examples=8 if LONG else 5)
@given(drawn=st.lists(st.lists(VISITS, min_size=1, max_size=2), min_size=3, max_size=3), middle_first=st.booleans())
def test_chains_come_apart_from_either_end(database, drawn, middle_first):
    humans = [Human(visits) for visits in drawn]
    for human, other in zip(humans, [None, *humans], strict=False):
        human.come(other)
    with reading(by=OPERATOR) as conn:
        one, two, three = (identity.find(conn, by=OPERATOR, id=human.card)[0] for human in humans)
    before = snapshot()
    merge(two, one)
    middle = snapshot()
    of_one = sources_of(two)
    merge(three, two)
    of_both = sources_of(three)
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=str(one)) == identity.find(conn, by=OPERATOR, id=str(two)) == [three]
        assert record.page_of(conn, by=OPERATOR, person_id=one) == record.page_of(conn, by=OPERATOR, person_id=three)
    if middle_first:
        assert split(three, of_both).taker == two
        assert_same(middle, snapshot())
        assert split(two, of_one).taker == one
    else:
        assert split(three, of_one).taker == one
        rest = [key for key in of_both if key not in of_one]
        assert split(three, rest).taker == two
    assert_same(without_homes(before), without_homes(snapshot()))


def without_homes(world):
    """Where people live rests on when they were seen last: taken apart in another order than put together, only the present is the same."""
    return {**world, "relation": [row for row in world["relation"] if "'residence'" not in row]}


def clinical(person):
    """The record of a person without the golden documents, and what the golden one says beside its id and links."""
    with reading(by=OPERATOR) as conn:
        entries = [entry["resource"] | {"meta": None} for entry in orjson.loads(record.bundle_of(conn, by=OPERATOR, person_id=person))["entry"]]
    golden = next(one for one in entries if one["id"] == str(person))
    rest = [one for one in entries if one.get("active") is None]
    for one in rest:
        one.pop("link", None)
    return {key: golden[key] for key in golden.keys() - {"id"}}, sorted(map(repr, rest))


@settings(LAWS, max_examples=8 if LONG else 5)
@given(drawn=st.lists(VISITS, min_size=2, max_size=3, unique_by=lambda visit: visit.facility))
def test_a_split_to_a_new_person_is_taken_back_exactly_and_its_id_answers(database, drawn):
    human = Human([visit._replace(kind="plain" if visit.kind == "reused" else visit.kind) for visit in drawn])
    human.come(None)
    with reading(by=OPERATOR) as conn:
        (person,) = identity.find(conn, by=OPERATOR, id=human.card)
        sources = [(one.facility, one.local_id, 1) for one in identity.person(conn, by=OPERATOR, person_id=person).sources]
    if len(sources) < 2:
        return
    before, files = snapshot(), exported(human.links)
    done = split(person, sources[:1])
    with reading(by=OPERATOR) as conn:
        mine = identity.person(conn, by=OPERATOR, person_id=done.taker)
        assert [one.facility for one in mine.sources] == [sources[0][0]]
        assert all(one.contested_by for one in mine.identifiers if one.value == human.card), "both say the card now"
        assert {one.facility_id for one in record.of_person(conn, by=OPERATOR, person_id=done.taker)} == {"", sources[0][0]}
    assert exported(human.links) == files
    undo(done.act)
    with reading(by=OPERATOR) as conn:
        assert identity.find(conn, by=OPERATOR, id=str(done.taker)) == [person]
    gone = (str(done.taker), str(UUID(locator_key("Patient", str(done.taker)))))  # the id stays and says whom it means
    after = {name: [row for row in rows if not any(one in row for one in gone)] for name, rows in snapshot().items()}
    assert_same(before, {name: rows for name, rows in after.items() if name in before})
