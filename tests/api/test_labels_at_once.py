"""Six clients write about one restricted person at once: nobody is turned away, and nothing that names what is restricted stays open."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from tests.api import world as w
from yba.kit.db import reading
from yba.specs import systems

CLASS = {"class": {"code": "AMB"}}
DRUG = {"status": "active", "intent": "order", "medicationCodeableConcept": {"text": "Thuốc A"}}
# What has a label is named by something open that should have it: medicines for diagnoses, visits of entries.
LEFT = """
SELECT m.given_id FROM resource m JOIN resource c ON c.rtype = 'Condition' AND c.labels IS NOT NULL AND m.doc::text LIKE '%"Condition/' || c.given_id || '"%'
 WHERE m.rtype = 'MedicationRequest' AND m.labels IS NULL
UNION ALL
SELECT e.id::text FROM resource e JOIN resource c ON c.rtype <> 'Encounter' AND c.labels IS NOT NULL AND c.doc::text LIKE '%"Encounter/' || e.id || '"%'
 WHERE e.rtype = 'Encounter' AND e.labels IS NULL
"""


def test_writers_of_one_restricted_person(client):
    subject = client.post("Patient", w.patient("P-1")).id
    about = {"subject": {"reference": f"Patient/{subject}"}}
    visits = [client.post("Encounter", {"resourceType": "Encounter", "status": "finished", **CLASS, **about}).id for _ in range(4)]

    def act(chance, id_):
        visit, diagnosis = chance.choice(visits), f"c{chance.randrange(5)}"
        at = {"encounter": {"reference": f"Encounter/{visit}"}}
        match chance.randrange(4):
            case 0:
                code = {"coding": [{"system": systems.system("icd10"), "code": chance.choice(["F20", "F20", "I10"])}]}
                return client.put(f"Condition/{diagnosis}", {"resourceType": "Condition", "id": diagnosis, "code": code, **about, **at})
            case 1:
                reason = {"reasonReference": [{"reference": f"Condition/{diagnosis}"}]}
                return client.put(f"MedicationRequest/{id_}", {"resourceType": "MedicationRequest", "id": id_, **DRUG, **about, **at, **reason})
            case 2:
                status = chance.choice(["finished", "in-progress"])
                return client.put(f"Encounter/{visit}", {"resourceType": "Encounter", "id": visit, "status": status, **CLASS, **about})
            case _:
                return client.post("Observation", w.observation(subject) | at)

    def work(number):
        chance = random.Random(number)
        try:
            return [act(chance, f"m{number}-{nth}").status for nth in range(12)]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        told = Counter(status for found in pool.map(work, range(6)) for status in found)
    assert set(told) <= {200, 201}, told
    with reading(by=w.OPERATOR) as conn:
        assert conn.execute("SELECT count(*) FROM resource WHERE labels IS NOT NULL").fetchone()[0] > 5
        assert conn.execute(LEFT.encode()).fetchall() == []
