-- One row per person and group of QĐ 831: is there anything of it by the end of the period.
WITH held AS (
  SELECT person, 'A' AS part FROM alive
    WHERE has_citizen_number AND sex IN ('male', 'female') AND birth_year IS NOT NULL AND commune_code IS NOT NULL
  UNION SELECT row_person, 'B' FROM condition WHERE recorded_date < $end
  UNION SELECT row_person, 'C' FROM immunization WHERE occurrence_date < $end AND status = 'completed'
  UNION SELECT row_person, 'D' FROM encounter WHERE start_date < $end AND status NOT IN (SELECT status FROM list_no_visit)
  UNION SELECT row_person, 'D1' FROM observation WHERE effective_date < $end
)
SELECT a.person, NULL AS facility, $end::DATE - 1 AS day, 'unknown' AS payer, g.part AS detail,
  CASE WHEN h.person IS NULL THEN 0 ELSE 1 END AS numerator, 1 AS denominator
FROM alive a
CROSS JOIN (VALUES ('A'), ('B'), ('C'), ('D'), ('D1')) g (part)
LEFT JOIN held h ON h.person = a.person AND h.part = g.part
