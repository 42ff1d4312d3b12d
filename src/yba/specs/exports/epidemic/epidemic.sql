-- One row per person and disease in the period, told by the facility that recorded it first; deaths: stays and visits with the disease that ended with death.
WITH said AS (
  SELECT c.row_facility AS facility, c.row_person AS person, c.recorded_date AS day, c.encounter_id, c.id, n.disease
  FROM condition c
  JOIN list_notifiable n ON substr(n.prefix, 1, 3) = substr(c.code, 1, 3) AND starts_with(replace(c.code, '.', ''), n.prefix)
  WHERE coalesce(c.verification_status, '') <> 'refuted'
)
SELECT facility, person, 1 AS amount, disease AS line, 'cases' AS col
FROM (SELECT *, row_number() OVER (PARTITION BY person, disease ORDER BY day, id) AS place FROM said WHERE day >= $start AND day < $end) d
WHERE place = 1
UNION ALL
SELECT DISTINCT v.facility, v.person, 1, s.disease, 'deaths'
FROM visit v JOIN said s ON s.encounter_id = v.id
WHERE v.outcome_code = '5' AND v.end_date >= $start AND v.end_date < $end
