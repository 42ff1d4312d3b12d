-- One row per person and step; each step asks for the ones before it. The last blood pressure of 6 months; of several that day the highest.
WITH pressure AS (
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
SELECT k.person, NULL AS facility, $end::DATE - 1 AS day, 'unknown' AS payer, g.step AS detail,
  CASE WHEN x.person IS NULL THEN 0 ELSE 1 END AS numerator, 1 AS denominator
FROM known k
CROSS JOIN (VALUES ('1 known'), ('2 seen'), ('3 treated'), ('4 controlled')) g (step)
LEFT JOIN reached x ON x.person = k.person AND x.step = g.step
