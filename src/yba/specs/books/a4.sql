-- One row per certificate of birth; the moment is UTC in the lake, the day Vietnam's.
SELECT 'Composition/' || coalesce(p.given_id, p.id::VARCHAR) AS event, p.person_id AS person, p.facility_id AS facility,
  (coalesce(p.event_at, p.start_at) + INTERVAL 7 HOUR)::DATE AS day, coalesce(p.event_at, p.start_at) AS moment, p.encounter, p.source_id AS source,
  NULL::VARCHAR[] AS rests
FROM (
  SELECT *, try_cast(json_extract_string(doc, '$.event[0].period.start') AS TIMESTAMPTZ) AS event_at,
    json_extract_string(doc, '$.encounter.reference') AS encounter
  FROM lake."Composition" WHERE json_extract_string(doc, '$.type.coding[0].code') = 'XML9'
) p
WHERE (coalesce(p.event_at, p.start_at) + INTERVAL 7 HOUR)::DATE >= $start AND (coalesce(p.event_at, p.start_at) + INTERVAL 7 HOUR)::DATE < $end
