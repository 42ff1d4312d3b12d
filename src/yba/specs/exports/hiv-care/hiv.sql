-- One row per person and facility with the diagnosis recorded in the window.
SELECT DISTINCT c.row_facility AS facility, c.row_person AS person, 1 AS amount, 'seen' AS line, 'n' AS col
FROM condition c
WHERE (substr(c.code, 1, 3) BETWEEN 'B20' AND 'B24' OR c.code = 'Z21') AND coalesce(c.verification_status, '') <> 'refuted'
  AND c.recorded_date >= $start AND c.recorded_date < $end
