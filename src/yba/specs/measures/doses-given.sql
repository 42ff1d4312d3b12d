-- One row per dose.
SELECT i.row_person AS person, i.row_facility AS facility, i.occurrence_date AS day, 'unknown' AS payer, coalesce(i.vaccine_code, '?') AS detail,
  1 AS numerator, NULL AS denominator
FROM immunization i
WHERE i.status = 'completed' AND i.occurrence_date >= $start AND i.occurrence_date < $end
