-- One row per dose, line and column.
WITH given AS (
  SELECT i.row_facility AS facility, i.row_person AS person, coalesce(l.code, 'other') AS code, age_on(r.birth_date, r.birth_year, i.occurrence_date) AS age
  FROM immunization i LEFT JOIN list_vaccine l ON l.code = upper(i.vaccine_code) LEFT JOIN resident r ON r.person = i.row_person
  WHERE i.status = 'completed' AND i.occurrence_date >= $start AND i.occurrence_date < $end
)
SELECT g.facility, g.person, 1 AS amount, t.line, unnest(['all', CASE WHEN g.age < 1 THEN 'under-1' END]) AS col
FROM given g CROSS JOIN LATERAL (VALUES ('doses'), (g.code)) t (line)
