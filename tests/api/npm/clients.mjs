// Two public clients of npm against a served yba: node clients.mjs NAME BASE CLIENT SECRET; says "done" or fails with what was not as it should be.
import assert from 'node:assert/strict';

const [, , name, base, client, secret] = process.argv;
const code = (value, system = 'http://loinc.org') => ({ coding: [{ system, code: value }] });
const patient = (number, family, birthDate) => ({ // two humans, or both clients' results stand in one record
  resourceType: 'Patient', identifier: [{ system: 'http://benhvien.test/ma-bn', value: number }],
  name: [{ family, given: ['Thị', 'Mai'] }], gender: 'female', birthDate,
});
const observation = (id, value) => ({
  resourceType: 'Observation', status: 'final', code: code('718-7'), subject: { reference: `Patient/${id}` },
  effectiveDateTime: '2026-03-02T08:00:00+07:00', identifier: [{ system: 'http://lis.test', value: `${name}-${value}` }],
  valueQuantity: { value, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
});
const visit = (id) => ({
  resourceType: 'Bundle', type: 'transaction',
  entry: [
    { fullUrl: 'urn:uuid:0c5a5c8e-3b7f-4f5e-9a52-0f5a2c3d4e5f', request: { method: 'POST', url: 'Encounter' },
      resource: { resourceType: 'Encounter', status: 'finished', subject: { reference: `Patient/${id}` },
        class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' }, period: { start: '2026-03-02', end: '2026-03-02' } } },
    { request: { method: 'POST', url: 'Observation' },
      resource: { ...observation(id, 900), encounter: { reference: 'urn:uuid:0c5a5c8e-3b7f-4f5e-9a52-0f5a2c3d4e5f' } } },
  ],
});

async function signIn() {
  const answer = await fetch(`${base}/token`, {
    method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials' }),
    headers: { Authorization: `Basic ${Buffer.from(`${client}:${secret}`).toString('base64')}` },
  });
  return (await answer.json()).access_token;
}

async function fhirKitClient() {
  const { Client } = await import('fhir-kit-client');
  const fhir = new Client({ baseUrl: base, bearerToken: await signIn() });
  assert.equal((await fhir.capabilityStatement()).fhirVersion, '4.0.1');
  const mai = await fhir.create({ resourceType: 'Patient', body: patient('KIT-1', 'Vàng', '1972-05-06') });
  assert.equal((await fhir.read({ resourceType: 'Patient', id: mai.id })).name[0].family, 'Vàng');
  for (let value = 0; value < 25; value += 1) {
    await fhir.create({ resourceType: 'Observation', body: observation(mai.id, value) });
  }
  const seen = new Set();
  let page = await fhir.search({ resourceType: 'Observation', searchParams: { patient: mai.id, _count: 10, _sort: '-date' } });
  assert.equal(page.type, 'searchset');
  for (let number = 1; page; number += 1) {
    assert.ok(number < 5);
    page.entry.forEach((one) => seen.add(one.resource.id));
    page = page.link.some((one) => one.relation === 'next') ? await fhir.nextPage({ bundle: page }) : undefined;
  }
  assert.equal(seen.size, 25);
  const options = { headers: { 'If-None-Exist': `identifier=http://lis.test|${name}-7` } };
  const again = await fhir.create({ resourceType: 'Observation', body: observation(mai.id, 7), options });
  assert.ok(seen.has(again.id), 'a conditional create of what is there makes nothing');
  const done = await fhir.transaction({ body: visit(mai.id) });
  assert.deepEqual(done.entry.map((one) => one.response.status.slice(0, 3)), ['201', '201']);
  const jsonPatch = [{ op: 'replace', path: '/status', value: 'corrected' }];
  assert.equal((await fhir.patch({ resourceType: 'Observation', id: again.id, jsonPatch })).status, 'corrected');
  const changed = await fhir.update({ resourceType: 'Observation', id: again.id, body: { ...observation(mai.id, 7), id: again.id, status: 'amended' } });
  assert.equal(changed.meta.versionId, '3');
  const history = await fhir.resourceHistory({ resourceType: 'Observation', id: again.id });
  assert.equal(history.total, 3);
  assert.equal((await fhir.vread({ resourceType: 'Observation', id: again.id, version: '1' })).status, 'final');
  const within = await fhir.compartmentSearch({ resourceType: 'Encounter', compartment: { resourceType: 'Patient', id: mai.id } });
  assert.equal(within.entry.length, 1);
  await fhir.delete({ resourceType: 'Observation', id: again.id });
  await assert.rejects(fhir.read({ resourceType: 'Observation', id: again.id }), (error) => error.response.status === 410);
  await assert.rejects(
    fhir.create({ resourceType: 'Observation', body: { resourceType: 'Observation' } }),
    (error) => error.response.data.resourceType === 'OperationOutcome',
  );
}

async function medplumCore() {
  globalThis.WebSocket ??= class {}; // a browser's; Node.js has it from 22 on, and nothing here listens
  const { MedplumClient, OperationOutcomeError } = await import('@medplum/core');
  const fhir = new MedplumClient({ baseUrl: base.replace(/fhir$/, ''), fhirUrlPath: 'fhir', cacheTime: 0 });
  fhir.setAccessToken(await signIn());
  const mai = await fhir.createResource(patient('MED-1', 'Giàng', '1951-11-19'));
  assert.equal((await fhir.readResource('Patient', mai.id)).name[0].family, 'Giàng');
  for (let value = 0; value < 25; value += 1) {
    await fhir.createResource(observation(mai.id, value));
  }
  const seen = new Set();
  for await (const page of fhir.searchResourcePages('Observation', `patient=${mai.id}&_count=10`)) {
    page.forEach((one) => seen.add(one.id));
  }
  assert.equal(seen.size, 25);
  const again = await fhir.createResourceIfNoneExist(observation(mai.id, 7), `identifier=http://lis.test|${name}-7`);
  assert.ok(seen.has(again.id), 'a conditional create of what is there makes nothing');
  assert.equal((await fhir.searchOne('Observation', `identifier=http://lis.test|${name}-8`)).valueQuantity.value, 8);
  const upserted = await fhir.upsertResource({ ...observation(mai.id, 7), id: again.id, status: 'amended' }, `identifier=http://lis.test|${name}-7`);
  assert.deepEqual([upserted.id, upserted.meta.versionId], [again.id, '2']);
  const done = await fhir.executeBatch(visit(mai.id));
  assert.deepEqual(done.entry.map((one) => one.response.status.slice(0, 3)), ['201', '201']);
  const patched = await fhir.patchResource('Observation', again.id, [{ op: 'replace', path: '/status', value: 'corrected' }]);
  assert.equal(patched.status, 'corrected');
  const updated = await fhir.updateResource({ ...patched, status: 'final' });
  assert.equal(updated.meta.versionId, '4');
  assert.equal((await fhir.readHistory('Observation', again.id)).entry.length, 4);
  assert.equal((await fhir.readVersion('Observation', again.id, '2')).status, 'amended');
  const whole = await fhir.readPatientEverything(mai.id);
  assert.ok(whole.entry.length >= 27);
  await fhir.deleteResource('Observation', again.id);
  const failed = async (promise, test) => assert.rejects(promise, (error) => error instanceof OperationOutcomeError && test(error.outcome));
  await failed(fhir.readResource('Observation', again.id, { cache: 'reload' }), (outcome) => outcome.issue[0].code === 'deleted');
  await failed(fhir.createResource({ resourceType: 'Observation' }), (outcome) => outcome.issue.length > 1);
}

await { 'fhir-kit-client': fhirKitClient, '@medplum/core': medplumCore }[name]();
console.log('done');
process.exit(0); // medplum keeps timers
