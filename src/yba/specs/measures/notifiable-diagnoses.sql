-- One row per person and disease in the period: told by the first who recorded it.
SELECT d.person, d.facility, d.day, 'unknown' AS payer, d.disease AS detail, 1 AS numerator, NULL AS denominator
FROM (
  SELECT c.row_person AS person, c.row_facility AS facility, c.recorded_date AS day, n.disease,
    row_number() OVER (PARTITION BY c.row_person, n.disease ORDER BY c.recorded_date, c.id) AS place
  FROM condition c
  JOIN list_notifiable n ON substr(n.prefix, 1, 3) = substr(c.code, 1, 3) AND starts_with(replace(c.code, '.', ''), n.prefix)
  WHERE c.recorded_date >= $start AND c.recorded_date < $end AND coalesce(c.verification_status, '') <> 'refuted'
) d
WHERE d.place = 1
