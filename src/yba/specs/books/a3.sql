-- One row per visit with a diagnosis of pregnancy under supervision; childbirth and complications are visits of other books.
SELECT v.id AS event, v.person, v.facility, v.start_date AS day, v.start_at AS moment, v.id AS encounter, NULL::UUID AS source, f.rests
FROM visit v
JOIN (
  SELECT c.encounter_id, list(c.id ORDER BY c.id) AS rests FROM condition c
  WHERE coalesce(c.verification_status, '') <> 'refuted' AND (substr(coalesce(c.code, c.who_icd10_code, ''), 1, 3) BETWEEN 'Z33' AND 'Z35')
  GROUP BY c.encounter_id
) f ON f.encounter_id = v.id
WHERE v.start_date >= $start AND v.start_date < $end
