-- One row per person, facility and line. Found: the first record of the group there is, in the window. Managed: seen for it within six months until the end.
WITH told AS (
  SELECT c.row_facility AS facility, c.row_person AS person, g.grp, c.recorded_date AS day, c.id
  FROM condition c JOIN list_ncd_group g ON substr(c.code, 1, 3) BETWEEN g."from" AND g."to"
  WHERE coalesce(c.verification_status, '') <> 'refuted' AND c.recorded_date < $end
),
first AS (SELECT *, row_number() OVER (PARTITION BY person, grp ORDER BY day, id) AS place FROM told),
managed AS (
  SELECT DISTINCT t.facility, t.person, t.grp FROM told t LEFT JOIN resident r ON r.person = t.person
  WHERE t.day >= $end::DATE - INTERVAL 6 MONTH AND (NOT coalesce(r.is_deceased, false) OR r.death_date >= $end)
),
pressure AS (
  SELECT row_person AS person, effective_date AS day, max(CASE WHEN code = '8480-6' THEN value_number END) AS systolic,
    max(CASE WHEN code = '8462-4' THEN value_number END) AS diastolic
  FROM observation_component
  WHERE code IN ('8480-6', '8462-4') AND effective_date < $end AND effective_date >= $end::DATE - INTERVAL 6 MONTH
  GROUP BY row_person, effective_date, observation_id
),
last AS (SELECT *, row_number() OVER (PARTITION BY person ORDER BY day DESC, systolic DESC, diastolic DESC) AS place FROM pressure)
SELECT facility, person, 1 AS amount, grp || '.found' AS line, 'n' AS col FROM first WHERE place = 1 AND day >= $start
UNION ALL
SELECT facility, person, 1, grp || '.managed', 'n' FROM managed
UNION ALL
SELECT m.facility, m.person, 1, 'htn.controlled', 'n'
FROM managed m JOIN last l ON l.person = m.person
WHERE m.grp = 'htn' AND l.place = 1 AND l.systolic < 140 AND l.diastolic < 90
