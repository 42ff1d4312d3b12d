-- One row per visit that began in the window, line and column.
WITH said AS (
  SELECT v.id, v.facility, v.person, coalesce(v.outcome_code, '') = '5' AS died, age_on(r.birth_date, r.birth_year, v.start_date) AS age,
    substr(c.code, 1, 3) AS code
  FROM visit v JOIN condition c ON c.encounter_id = v.id LEFT JOIN resident r ON r.person = v.person
  WHERE v.start_date >= $start AND v.start_date < $end AND coalesce(c.verification_status, '') <> 'refuted'
),
lined AS (
  SELECT DISTINCT id, facility, person, died, age, 'injuries' AS line FROM said WHERE code BETWEEN 'S00' AND 'T98'
  UNION SELECT s.id, s.facility, s.person, s.died, s.age, e.cause FROM said s JOIN list_external_cause e ON s.code BETWEEN e."from" AND e."to"
  UNION SELECT s.id, s.facility, s.person, s.died, s.age, 'caused' FROM said s JOIN list_external_cause e ON s.code BETWEEN e."from" AND e."to"
)
SELECT facility, person, 1 AS amount, line, unnest(['all', CASE WHEN age < 16 THEN 'under-16' END, CASE WHEN died THEN 'deaths' END]) AS col FROM lined
