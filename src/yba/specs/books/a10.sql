-- One row per course of care: each claim tells it again, the newest telling counts.
SELECT event, person, facility, day, moment, NULL::VARCHAR AS encounter, source, NULL::VARCHAR[] AS rests
FROM (
  SELECT 'EpisodeOfCare/' || coalesce(e.given_id, e.id::VARCHAR) AS event, e.person_id AS person, e.facility_id AS facility, e.source_id AS source,
    (e.start_at + INTERVAL 7 HOUR)::DATE AS day, e.start_at AS moment,
    row_number() OVER (PARTITION BY e.person_id, e.facility_id, (e.start_at + INTERVAL 7 HOUR)::DATE ORDER BY e.seq DESC, e.id) AS place
  FROM lake."EpisodeOfCare" e
  WHERE json_extract_string(e.doc, '$.type[0].coding[0].code') = 'XML6'
) told
WHERE place = 1 AND day >= $start AND day < $end
