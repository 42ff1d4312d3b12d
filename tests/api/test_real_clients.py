"""Over real HTTP, with the server as it is started: the calls of the README with curl, and four public clients that know nothing of us."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fhirclient import client as smart
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound

from tests.api import world as w
from tests.npm import installed
from yba import accounts
from yba.kit.db import unit_of_work
from yba.operations.serving import serving

ROOT = Path(__file__).parents[2]
NPM = Path(__file__).parent / "npm"


@pytest.fixture(scope="module")
def place(migrated):
    """The address of a server over an empty database, and the account of a facility's software."""
    migrated.renew()
    with unit_of_work(by=w.OPERATOR) as conn:
        made = accounts.add_client(conn, by=w.OPERATOR, facility="11001")
    with serving(migrated.env, "--no-process") as port:
        yield f"http://127.0.0.1:{port}/fhir", made


@pytest.fixture(scope="module")
def token(place):
    base, made = place
    command = ["/usr/bin/curl", "-s", "-u", f"{made.username}:{made.secret}", "-d", "grant_type=client_credentials", f"{base}/token"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["access_token"]


@pytest.mark.parametrize("page", ["README.md", "README.vi.md", "docs/fhir.md"])
def test_the_first_call_works_as_it_is_written(place, page):
    """The very lines of the page, with this server's address and secret."""
    base, made = place
    text = (ROOT / page).read_text("utf-8")
    block = next(one for one in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "grant_type=client_credentials" in one)
    lines = block.replace("http://127.0.0.1:8000/fhir", base).replace("11001_BV:SECRET", f"{made.username}:{made.secret}")
    lines = lines.replace("11001_BV:MAT_KHAU", f"{made.username}:{made.secret}")
    script = "\n".join(line for line in lines.splitlines() if not line.startswith(".venv/bin/yba"))
    done = subprocess.run(["/bin/bash", "-euo", "pipefail", "-c", script.replace("| head -c 300", "")], capture_output=True, text=True, check=True)
    assert '"resourceType":"Patient"' in done.stdout
    assert '"searchset"' in done.stdout
    assert '"total"' in done.stdout or "P-1" in done.stdout


def test_fhirpy(place, token):
    client = SyncFHIRClient(place[0], authorization=f"Bearer {token}")
    patient = client.resource("Patient", **{key: value for key, value in w.patient("PY-1").items() if key != "resourceType"})
    patient.save()
    result = client.resource("Observation", **{key: value for key, value in w.observation(patient.id).items() if key != "resourceType"})
    result.save()
    assert client.reference("Observation", result.id).to_resource()["valueQuantity"]["value"] == 13.5
    found = client.resources("Observation").search(subject=patient.to_reference().reference, code="http://loinc.org|718-7").fetch_all()
    assert [one.id for one in found] == [result.id]
    result["valueQuantity"]["value"] = 14.2
    result.save()
    assert client.resources("Observation").search(_id=result.id).first()["valueQuantity"]["value"] == 14.2
    included = client.resources("Observation").search(_id=result.id).include("Observation", "patient").fetch_raw()
    assert {one.resource.resource_type for one in included.entry} == {"Observation", "Patient"}
    for number in range(25):
        client.resource("Observation", **{**w.observation(patient.id, value=number), "code": {"text": "x"}}).save()
    assert len(client.resources("Observation").search(patient=patient.id).limit(10).fetch_all()) == 26
    result.delete()
    with pytest.raises((ResourceNotFound, OperationOutcome)):
        client.reference("Observation", result.id).to_resource()
    with pytest.raises(OperationOutcome):
        client.resource("Observation", status="nonsense").save()


def test_fhirclient(place, token):
    server = smart.FHIRClient(settings={"app_id": "yba-tests", "api_base": place[0]})
    server.server.session.headers["Authorization"] = f"Bearer {token}"
    sent = Patient(w.patient("SC-1", name=[{"family": "Giàng", "given": ["A", "Páo"]}], gender="male", birthDate="1951-11-19"))
    made = sent.create(server.server)
    read = Patient.read(made["id"], server.server)
    assert read.name[0].family == "Giàng"
    read.gender = "other"
    assert read.update(server.server)["gender"] == "other"
    observation = Observation(w.observation(read.id)).create(server.server)
    found = Observation.where(struct={"subject": f"Patient/{read.id}"}).perform_resources_iter(server.server)
    assert [one.id for one in found] == [observation["id"]]


@pytest.mark.parametrize("name", ["fhir-kit-client", "@medplum/core"])
def test_clients_of_npm(place, name):
    """Signing in, creating, paging, conditions, a transaction, patches, histories, errors: what they make of our answers is what they should."""
    base, made = place
    folder = installed(NPM)
    shutil.copyfile(NPM / "clients.mjs", folder / "clients.mjs")
    command = [shutil.which("node"), "clients.mjs", name, base, made.username, made.secret]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-3000:]
