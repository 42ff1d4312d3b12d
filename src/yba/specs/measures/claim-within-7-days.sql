-- One row per claim.
SELECT c.row_person AS person, c.row_facility AS facility, c.end_date AS day, 'bhyt' AS payer, NULL AS detail,
  CASE WHEN c.created_date <= c.end_date + 7 THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM claim c
WHERE c.created_date IS NOT NULL AND c.end_date >= $start AND c.end_date < $end
