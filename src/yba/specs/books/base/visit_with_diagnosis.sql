-- One row per visit with a diagnosis the book is about: the book's `diagnoses`, by the three characters of its ICD-10 code. It rests on them.
SELECT v.id AS event, v.person, v.facility, v.start_date AS day, v.start_at AS moment, v.id AS encounter, NULL::UUID AS source, f.rests
FROM visit v
JOIN (
  SELECT c.encounter_id, list(c.id ORDER BY c.id) AS rests
  FROM (SELECT *, substr(coalesce(code, who_icd10_code, ''), 1, 3) AS icd10_category FROM condition WHERE coalesce(verification_status, '') <> 'refuted') c
  WHERE {codes}
  GROUP BY c.encounter_id
) f ON f.encounter_id = v.id
WHERE v.start_date >= $start AND v.start_date < $end
