-- One row per person and step; each step asks for the ones before it.
WITH known AS (
  SELECT DISTINCT c.row_person AS person FROM condition c JOIN resident r ON r.person = c.row_person
  WHERE substr(c.code, 1, 3) BETWEEN 'I10' AND 'I15' AND c.recorded_date < $end AND c.recorded_date >= $end::DATE - INTERVAL 24 MONTH
    AND coalesce(c.verification_status, '') <> 'refuted' AND (NOT r.is_deceased OR r.death_date >= $end)
),
seen AS (
  SELECT person FROM known WHERE person IN (
    SELECT c.row_person FROM condition c WHERE substr(c.code, 1, 3) BETWEEN 'I10' AND 'I15' AND c.recorded_date < $end AND c.recorded_date >= $end::DATE - INTERVAL 6 MONTH)
),
treated AS (
  SELECT person FROM seen WHERE person IN (
    SELECT row_person FROM medication_request WHERE authored_date < $end AND authored_date >= $end::DATE - INTERVAL 6 MONTH
    UNION SELECT row_person FROM medication_dispense WHERE handed_over_date < $end AND handed_over_date >= $end::DATE - INTERVAL 6 MONTH)
),
pressure AS (
  SELECT row_person, effective_date AS day, max(CASE WHEN code = '8480-6' THEN value_number END) AS systolic,
    max(CASE WHEN code = '8462-4' THEN value_number END) AS diastolic
  FROM observation_component
  WHERE code IN ('8480-6', '8462-4') AND effective_date < $end AND effective_date >= $end::DATE - INTERVAL 6 MONTH
  GROUP BY row_person, effective_date, observation_id
),
controlled AS (
  SELECT person FROM treated WHERE person IN (
    SELECT row_person FROM (
      SELECT *, row_number() OVER (PARTITION BY row_person ORDER BY day DESC, systolic DESC, diastolic DESC) AS place FROM pressure
    ) last WHERE place = 1 AND systolic < 140 AND diastolic < 90)
),
reached AS (
  SELECT person, '1 known' AS step FROM known UNION ALL SELECT person, '2 seen' FROM seen
  UNION ALL SELECT person, '3 treated' FROM treated UNION ALL SELECT person, '4 controlled' FROM controlled
)
SELECT k.person, NULL AS facility, $end::DATE AS day, 'unknown' AS payer, g.step AS detail,
  CASE WHEN x.person IS NULL THEN 0 ELSE 1 END AS numerator, 1 AS denominator
FROM known k
CROSS JOIN (VALUES ('1 known'), ('2 seen'), ('3 treated'), ('4 controlled')) g (step)
LEFT JOIN reached x ON x.person = k.person AND x.step = g.step
