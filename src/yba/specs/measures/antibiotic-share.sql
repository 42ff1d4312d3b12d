-- One row per ambulatory visit.
WITH given AS (
  SELECT encounter_id FROM medication_request WHERE medication_code IN (SELECT code FROM list_antibiotic)
  UNION
  SELECT encounter_id FROM medication_dispense WHERE medication_code IN (SELECT code FROM list_antibiotic)
)
SELECT v.person, v.facility, v.start_date AS day, v.payer, NULL AS detail,
  CASE WHEN v.id IN (SELECT encounter_id FROM given WHERE encounter_id IS NOT NULL) THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM visit v
WHERE v.class_code = 'AMB' AND v.start_date >= $start AND v.start_date < $end
