"""Restricted categories across acts: how a visit is cut into acts, and their order, change nothing; and what goes with a label that comes later."""

import time
from itertools import count, pairwise

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ingest.builder import tables
from tests.record.rest_world import CLIENT, HERE, OPERATOR, OTHER, THERE, condition, encounter, observation, patient, save
from tests.record.test_moving_races import Beside
from tests.record.world import people, take
from yba import audit, ingest, record
from yba.cli.main import yba
from yba.kit import Actor
from yba.kit.db import reading, unit_of_work
from yba.record import Write, beside
from yba.specs import systems

NUMBERS = count(1)
GATHERING = {"Encounter", "Claim", "Composition", "List"}  # of those drawn
TEXT = {"text": "Thuốc A"}
MORE = {
    "Encounter": {"status": "finished", "class": {"code": "AMB"}},
    "Condition": {},
    "Observation": {"status": "final", "code": {"text": "Mạch"}},
    "MedicationRequest": {"status": "active", "intent": "order", "medicationCodeableConcept": TEXT},
    "MedicationDispense": {"status": "completed", "medicationCodeableConcept": TEXT},
    "DiagnosticReport": {"status": "final", "code": {"text": "Xét nghiệm"}},
    "Composition": {"status": "final", "type": TEXT, "date": "2026-11-20", "author": [{"display": "An"}], "title": "Giấy"},
    "List": {"status": "current", "mode": "working"},
    "Claim": {
        "status": "active", "use": "claim", "type": TEXT, "created": "2026-11-20", "provider": {"display": "A"}, "priority": TEXT,
        "insurance": [{"sequence": 1, "focal": True, "coverage": {"display": "B"}}],
    },
}  # fmt: skip
OF = {"Claim": "patient"}
CODES = {"": (), "B20": ("hiv",), "F20.0": ("psychiatry",)}


def drug(subject, id_, *names, **more):
    reason = {"reasonReference": [{"reference": name} for name in names]} if names else {}
    doc = {"resourceType": "MedicationRequest", "id": id_, **MORE["MedicationRequest"], "subject": {"reference": f"Patient/{subject}"}}
    return doc | reason | more


def beside_it(name):
    """An element that names anything."""
    return {"extension": [{"url": "http://x", "valueReference": {"reference": name}}]}


def labels():
    """The labels of everything but Patients, by name."""
    with reading(by=OPERATOR) as conn:
        rows = conn.execute("SELECT rtype || '/' || coalesce(given_id, id::text), labels FROM resource WHERE rtype <> 'Patient'").fetchall()
    return {name: tuple(found or ()) for name, found in rows}


def newcomer(facility=HERE, by=CLIENT, **more):
    """Somebody who is like nobody before, unless a citizen number says so."""
    number = next(NUMBERS)
    own = {
        "birthDate": f"{1930 + number % 90}-{1 + number % 12:02d}-{1 + number % 28:02d}",
        "name": [{"text": f"{'ABCDĐEGHKLM'[number % 11]}ùng Thị {number}"}],
    }
    return save({**patient(f"P{number}", facility=facility, **more), **({} if more else own)}, by=by)[0]


@pytest.fixture
def an(database):
    return newcomer()


KINDS = st.sampled_from([*MORE])


@st.composite
def visits(draw):
    """Resources that refer to one another in any way, in an order, cut into acts: [[(type, id, code, names)]]."""
    kinds = draw(st.lists(KINDS, min_size=2, max_size=6))
    names = [f"{kind}/{nth}" for nth, kind in enumerate(kinds)]
    made = [
        (kind, str(nth), draw(st.sampled_from([*CODES])), draw(st.sets(st.sampled_from(names), max_size=2)) - {name})
        for nth, (kind, name) in enumerate(zip(kinds, names, strict=True))
    ]
    order = draw(st.permutations(made))
    cuts = [0, *sorted(draw(st.sets(st.integers(1, len(made) - 1)))), len(made)]
    return [order[first:last] for first, last in pairwise(cuts)]


def obvious(made):
    """What each has by the rule's words, looked at again and again until nothing changes."""
    found = {f"{kind}/{id_}": set(CODES[code]) for kind, id_, code, _ in made}
    for _ in made:
        for kind, id_, _, names in made:
            for name in names:
                gives, takes = (f"{kind}/{id_}", name), (name, f"{kind}/{id_}")
                of, to = gives if name.split("/")[0] in GATHERING and kind not in GATHERING else takes
                found[to] |= found[of]
    return found


def sent(subject, tag, one):
    kind, id_, code, names = one
    extension = [{"url": "http://x", "valueReference": {"reference": f"{name.replace('/', f'/{tag}-')}"}} for name in sorted(names)]
    extension += [{"url": "http://x", "valueCoding": {"system": systems.system("icd10"), "code": code}}] if code else []
    doc = {"resourceType": kind, "id": f"{tag}-{id_}", **MORE[kind], OF.get(kind, "subject"): {"reference": f"Patient/{subject}"}}
    return doc | ({"extension": extension} if extension else {})


def judged(acts):
    subject, tag = newcomer(), f"t{next(NUMBERS)}"
    for act in acts:
        save(*(sent(subject.id, tag, one) for one in act))
    made = [one for act in acts for one in act]
    wanted = {name.replace("/", f"/{tag}-"): tuple(sorted(found)) for name, found in obvious(made).items()}
    assert {name: found for name, found in labels().items() if f"/{tag}-" in name} == wanted
    again = [save(sent(subject.id, tag, one))[0] for one in made]
    assert {(one.outcome, one.version) for one in again} == {("unchanged", 1)}, "the same, sent one by one, is the same"


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=visits())
def test_how_a_visit_is_cut_into_acts_does_not_change_what_is_restricted(database, acts):
    judged(acts)


@pytest.mark.long
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=visits())
def test_how_a_visit_is_cut_into_acts_does_not_change_what_is_restricted_for_long(database, acts):
    judged(acts)


def test_what_is_stored_gets_the_label_of_a_diagnosis_that_comes_later(an, database):
    """In place: no version, no later moment; masked at once, with its earlier versions and what it is found by; noted; links of visits too."""
    [visit, pills] = save({**encounter(an.id), "id": "v"}, drug(an.id, "r", "Condition/c"))
    save(drug(an.id, "r", "Condition/c", status="stopped"))
    result = observation(
        an.id, valueQuantity={"value": 5, "unit": "g"}, id="o", extension=[{"url": "http://x", "valueReference": {"reference": "Condition/c"}}]
    )
    save(result)
    with unit_of_work(by=OPERATOR) as conn:
        record.add_index(conn, by=OPERATOR, rtype="Observation", param="value-quantity")
    assert record.build_index(by=OPERATOR, rtype="Observation", param="value-quantity")
    with reading(by=CLIENT) as conn:
        assert record.get(conn, by=CLIENT, rtype="MedicationRequest", id="r") is not None
    save(condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"}))
    assert labels() == dict.fromkeys(("Encounter/v", "MedicationRequest/r", "Observation/o", "Condition/c"), ("hiv",))
    with reading(by=CLIENT) as conn:
        assert [record.get(conn, by=CLIENT, rtype=rtype, id=id_) for rtype, id_ in (("Encounter", "v"), ("MedicationRequest", "r"))] == [None, None]
        assert record.version(conn, by=CLIENT, rtype="MedicationRequest", id="r", version=1) is None
        assert record.history_of(conn, by=CLIENT, rtype="MedicationRequest").rows == []
    with database.as_owner() as conn:
        rows = conn.execute("SELECT DISTINCT labels FROM search_range WHERE rtype = 'Observation'").fetchall()
        touched = conn.execute("SELECT count(*) FROM record_touched WHERE person_id = %s", (an.person_id,)).fetchone()
        kept = conn.execute("SELECT version, updated FROM resource WHERE rtype = 'Encounter'").fetchone()
    assert rows == [(["hiv"],)]
    assert touched[0] >= 1, "the lake reads these rows again"
    assert kept == (visit.version, visit.updated)
    with reading(by=OPERATOR) as conn:
        noted = [(row.about_type, row.version) for row in audit.trail(conn, by=OPERATOR, person=an.person_id) if row.detail == {"beside": True}]
    assert sorted(noted) == [("Encounter", "1"), ("MedicationRequest", "2"), ("Observation", "1")]
    assert pills.outcome == "created"


def test_what_names_a_visit_is_restricted_by_a_diagnosis_that_comes_later_to_the_visit(an):
    """Up to the visit and from there down: its Claim, and whatever names that, though the visit itself was looked up before."""
    claim = {"item": [{"sequence": 1, "productOrService": TEXT, "encounter": [{"reference": "Encounter/v"}]}]}
    save({**encounter(an.id), "id": "v"})
    save(sent(an.id, "t", ("Claim", "k", "", ())) | claim)
    save(*(sent(an.id, "t", ("List", id_, "", ())) | beside_it(name) for id_, name in (("l", "Claim/t-k/_history/1"), ("other", "Claim/t-k1"))))
    save(condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"}))
    wanted = dict.fromkeys(("Condition/c", "Encounter/v", "Claim/t-k", "List/t-l"), ("hiv",))
    assert labels() == {**wanted, "List/t-other": ()}


def test_a_long_chain_is_read_once_and_restricted_to_its_end(an, monkeypatch):
    """Not step by step, each of which looks through the whole record."""
    reads = []
    monkeypatch.setattr(beside.sql, "near", lambda *args, near=beside.sql.near, **given: reads.append(1) or near(*args, **given))
    for nth in range(1, 40):
        save(drug(an.id, f"r{nth}", **beside_it(f"MedicationRequest/r{nth - 1}")))
    save(condition(an.id, "B20", id="c"), drug(an.id, "r0", "Condition/c"))
    assert set(labels().values()) == {("hiv",)}
    assert len(reads) < 10


def test_what_is_written_later_takes_the_labels_of_what_it_names(an):
    save(condition(an.id, "B20", id="c"))
    [later] = save({**drug(an.id, "r", "Condition/c/_history/1")})
    [more] = save({**drug(an.id, "plain", "Condition/nowhere")})
    [fresh] = save({key: value for key, value in drug(an.id, "x", "Condition/c").items() if key != "id"})
    found = labels()
    assert (found["MedicationRequest/r"], found["MedicationRequest/plain"], found[f"MedicationRequest/{fresh.id}"]) == (("hiv",), (), ("hiv",))
    assert (later.outcome, more.outcome) == ("created", "created")


def test_another_facilitys_diagnosis_restricts_and_its_visit_stays_its_own(database):
    """Who names somebody else's diagnosis tells of it; but nobody restricts another facility's visit by naming it."""
    an = newcomer(citizen="011159000001")
    there = newcomer(THERE, OTHER, citizen="011159000001")
    assert an.person_id == there.person_id
    save({**encounter(there.id), "id": "v"}, condition(there.id, "B20", id="c"), by=OTHER)
    save(drug(an.id, "r", "Condition/c"), {**condition(an.id, "F20", id="f"), "encounter": {"reference": "Encounter/v"}})
    found = labels()
    assert (found["MedicationRequest/r"], found["Condition/f"], found["Encounter/v"]) == (("hiv",), ("psychiatry",), ())


def test_a_resource_of_somebody_else_is_not_asked_about(an):
    """Else whoever guesses an id would learn of a stranger's record by the label of what is his own."""
    other = newcomer()
    assert other.person_id != an.person_id
    save(condition(other.id, "B20", id="c"))
    save(condition(an.id, "F20", id="mine"), drug(an.id, "r", "Condition/c"))
    assert labels()["MedicationRequest/r"] == ()


def test_a_corrected_diagnosis_opens_itself_and_what_is_written_anew(an):
    """Taking a label away is left to who writes a resource anew; a diagnosis that is deleted or in error still tells of itself."""
    visit = {**encounter(an.id), "id": "v", "diagnosis": [{"condition": {"reference": "Condition/c"}}]}
    wrong = condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"})
    save(visit)
    save(wrong)
    save(drug(an.id, "r", "Condition/c"))
    in_error = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}]}
    save({**wrong, "verificationStatus": in_error})
    save({**visit, "status": "in-progress"})
    assert set(labels().values()) == {("hiv",)}
    save(condition(an.id, "I10", id="c", encounter={"reference": "Encounter/v"}))
    assert labels() == {"Condition/c": (), "Encounter/v": ("hiv",), "MedicationRequest/r": ("hiv",)}, "what was written for it keeps it"
    save({**drug(an.id, "r", "Condition/c"), "status": "stopped"})
    assert labels() == {"Condition/c": (), "Encounter/v": ("hiv",), "MedicationRequest/r": ()}
    save(visit)
    assert set(labels().values()) == {()}


def test_a_deleted_diagnosis_still_restricts_what_names_it(an):
    save(condition(an.id, "B20", id="c"))
    with unit_of_work(by=CLIENT) as conn:
        record.delete(conn, by=CLIENT, refs=[("Condition", "c")])
    save(drug(an.id, "r", "Condition/c"))
    assert labels()["MedicationRequest/r"] == ("hiv",)


def test_a_visit_that_is_written_again_keeps_what_its_entries_brought(an):
    """Also where nothing in it names them, and in an act of its own: closing a visit opened it to colleagues."""
    visit = {**encounter(an.id), "id": "v"}
    save(visit)
    save(condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"}))
    [closed] = save({**visit, "status": "in-progress"})
    assert (closed.version, labels()["Encounter/v"]) == (2, ("hiv",))


@pytest.mark.parametrize("first", ["diagnosis", "medicine"])
def test_of_two_at_once_the_second_sees_the_first(database, first):
    """A diagnosis and a medicine for it, each in a transaction of its own at the same time: the medicine has the label whoever is first."""
    an = newcomer()
    docs = {"diagnosis": condition(an.id, "B20", id="c"), "medicine": drug(an.id, "r", "Condition/c")}
    other = next(name for name in docs if name != first)
    with unit_of_work(by=CLIENT) as conn:
        record.save(conn, by=CLIENT, writes=[Write(docs[first]["resourceType"], docs[first]["id"], docs[first])])
        beside = Beside(lambda: save(docs[other]))
        until_blocked(database)
    beside.done()
    assert labels() == {"Condition/c": ("hiv",), "MedicationRequest/r": ("hiv",)}


def until_blocked(database):
    """Return once a backend waits for somebody's transaction."""
    with database.as_owner() as conn:
        for _ in range(600):
            if conn.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()[0]:
                return
            time.sleep(0.02)
    pytest.fail("nobody waits")


GATEWAY = Actor.facility_client("11001")


def claimed():
    """Somebody known by a claim and as a Patient of the same facility: the Patient, and the ids of what the claim made, by type."""
    take(tables())
    own = patient("X1", "011159000001", facility="11001", name="Nguyễn Thị Thử", gender="female")
    [an] = save(own, by=GATEWAY)
    assert an.person_id in people()
    return an, {name.split("/")[0]: name for name in labels()}


def test_a_claims_visit_gathers_what_comes_beside_it_and_keeps_that_when_the_claim_comes_again(database):
    """Its visit alone: the rest of it names nothing of that, and is labelled by itself as ever."""
    an, names = claimed()
    mine = condition(an.id, "F20", id="f", encounter={"reference": names["Encounter"]})
    save(mine, by=GATEWAY)
    wanted = {"Encounter": ("psychiatry",), "Claim": (), "Condition": (), "MedicationDispense": ()}
    assert {kind: labels()[names[kind]] for kind in wanted} == wanted
    versions = told_versions()
    assert ingest.replay(by=OPERATOR, every=True) == 1
    assert told_versions() == versions
    take(tables(LY_DO_VV="Khám lại"))
    assert told_versions() != versions
    assert {kind: labels()[names[kind]] for kind in wanted} == wanted
    save(condition(an.id, "I10", id="f", encounter={"reference": names["Encounter"]}), by=GATEWAY)
    take(tables(LY_DO_VV="Khám lần ba"))
    assert {labels()[names[kind]] for kind in wanted} == {()}


def test_a_claim_that_is_corrected_restricts_what_names_its_diagnosis(database):
    an, names = claimed()
    save(drug(an.id, "r", names["Condition"]), drug(an.id, "plain"), by=GATEWAY)
    take(tables(MA_BENH_CHINH="B20"))
    found = labels()
    assert [found[name] for name in (names["Condition"], "MedicationRequest/r", "MedicationRequest/plain")] == [("hiv",), ("hiv",), ()]


def told_versions():
    with reading(by=OPERATOR) as conn:
        return sorted(conn.execute("SELECT id, version FROM resource WHERE rtype <> 'Patient'").fetchall())


def test_what_was_stored_before_labels_crossed_acts_gets_them_by_a_command(an, database):
    """As a release before left it: each act by itself. Claims label themselves, but for the visit."""
    claim, names = claimed()
    save({**encounter(an.id), "id": "v"}, drug(an.id, "r", "Condition/c"), condition(an.id, "B20", id="c", encounter={"reference": "Encounter/v"}))
    save(condition(claim.id, "F20", id="f", encounter={"reference": names["Encounter"]}), by=GATEWAY)
    wanted = labels()
    with database.as_owner() as conn:
        conn.execute("UPDATE resource SET labels = NULL WHERE rtype <> 'Condition'")
        conn.commit()
    assert labels() != wanted
    done = CliRunner().invoke(yba, ["record", "labels"], catch_exceptions=False)
    assert (done.output, labels()) == ("Đã hạn chế thêm 3 mục.\n", wanted)
    assert record.derive_labels(by=OPERATOR) == 0


MEDICATION = {"resourceType": "Medication", "id": "m"}


def of_medication(subject, id_):
    doc = drug(subject, id_, medicationReference={"reference": "Medication/m"})
    return {key: value for key, value in doc.items() if key != "medicationCodeableConcept"}


def test_a_medicine_that_is_nobodys_restricts_whoever_is_given_it_before_and_after(an):
    """Its words come later, or it is sent later; in whosever record it is named."""
    binh = newcomer()
    save(of_medication(an.id, "before"), encounter(an.id, id="v"))
    save(MEDICATION)
    save(of_medication(binh.id, "between") | {"encounter": {"reference": "Encounter/w"}}, encounter(binh.id, id="w"))
    assert set(labels().values()) == {()}
    save(MEDICATION | {"code": {"text": "Efavirenz 600 mg"}})
    save(of_medication(an.id, "after"))
    [fresh] = save({key: value for key, value in of_medication(an.id, "").items() if key != "id"})
    restricted = {name for name, found in labels().items() if found == ("hiv",)}
    names = {f"MedicationRequest/{id_}" for id_ in ("before", "between", "after", fresh.id)}
    assert restricted == names | {"Medication/m", "Encounter/w"}


def test_the_command_finds_who_is_given_a_restricted_medicine(an, database):
    save(MEDICATION | {"code": {"text": "Efavirenz 600 mg"}}, of_medication(an.id, "r"))
    with database.as_owner() as conn:
        conn.execute("UPDATE resource SET labels = NULL WHERE rtype = 'MedicationRequest'")
        conn.execute("DELETE FROM labelled_person WHERE person_id <> %s", (record.NOBODY,))
        conn.commit()
    assert record.derive_labels(by=OPERATOR) == 1
    assert set(labels().values()) == {("hiv",)}
