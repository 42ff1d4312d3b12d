-- One row per person.
WITH heard AS (
  SELECT row_person FROM encounter
    WHERE start_date < $end AND start_date >= $end::DATE - INTERVAL 12 MONTH AND status NOT IN (SELECT status FROM list_no_visit)
  UNION
  SELECT row_person FROM observation WHERE effective_date < $end AND effective_date >= $end::DATE - INTERVAL 12 MONTH
)
SELECT a.person, NULL AS facility, $end::DATE - 1 AS day, 'unknown' AS payer, NULL AS detail,
  CASE WHEN h.row_person IS NULL THEN 0 ELSE 1 END AS numerator, 1 AS denominator
FROM alive a
LEFT JOIN heard h ON h.row_person = a.person
