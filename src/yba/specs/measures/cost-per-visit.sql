-- One row per claim.
SELECT c.row_person AS person, c.row_facility AS facility, c.end_date AS day, 'bhyt' AS payer, NULL AS detail,
  c.total_amount AS numerator, 1 AS denominator
FROM claim c
WHERE c.total_amount IS NOT NULL AND c.end_date >= $start AND c.end_date < $end
