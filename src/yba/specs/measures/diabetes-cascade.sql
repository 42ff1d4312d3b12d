-- One row per person and step; each step asks for the ones before it. The last HbA1c in per cent of 6 months; of several that day the highest.
WITH controlled AS (
  SELECT person FROM treated WHERE person IN (
    SELECT row_person FROM (
      SELECT row_person, value_number, row_number() OVER (PARTITION BY row_person ORDER BY effective_date DESC, value_number DESC) AS place
      FROM observation
      WHERE loinc_code = '4548-4' AND value_unit = '%' AND value_number IS NOT NULL
        AND effective_date < $end AND effective_date >= $end::DATE - INTERVAL 6 MONTH
    ) last WHERE place = 1 AND value_number < 7)
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
