-- One row per person, facility and line, as in the report of non-communicable diseases; self-harm: everybody seen for it in the window.
WITH told AS (
  SELECT c.row_facility AS facility, c.row_person AS person, g.grp, c.recorded_date AS day, c.id
  FROM condition c JOIN list_mental_group g ON substr(c.code, 1, 3) BETWEEN g."from" AND g."to"
  WHERE coalesce(c.verification_status, '') <> 'refuted' AND c.recorded_date < $end
),
first AS (SELECT *, row_number() OVER (PARTITION BY person, grp ORDER BY day, id) AS place FROM told)
SELECT facility, person, 1 AS amount, grp || '.found' AS line, 'n' AS col FROM first WHERE place = 1 AND day >= $start AND grp <> 'self-harm'
UNION ALL
SELECT DISTINCT t.facility, t.person, 1, t.grp || '.managed', 'n'
FROM told t LEFT JOIN resident r ON r.person = t.person
WHERE t.day >= $end::DATE - INTERVAL 6 MONTH AND (NOT coalesce(r.is_deceased, false) OR r.death_date >= $end) AND t.grp <> 'self-harm'
UNION ALL
SELECT DISTINCT facility, person, 1, 'self-harm.seen', 'n' FROM told WHERE grp = 'self-harm' AND day >= $start
