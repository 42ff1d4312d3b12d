-- One row per stay that ended in the period. The next stay begins on the day of the end or up to 30 days later, and after this one began.
WITH stay AS (SELECT * FROM visit WHERE class_code = 'IMP' AND start_at IS NOT NULL)
SELECT v.person, v.facility, v.end_date AS day, v.payer, NULL AS detail,
  CASE WHEN EXISTS (
    SELECT 1 FROM stay n
    WHERE n.person = v.person AND n.id <> v.id AND n.start_at > v.start_at
      AND n.start_date >= v.end_date AND n.start_date <= v.end_date + 30
  ) THEN 1 ELSE 0 END AS numerator,
  1 AS denominator
FROM stay v
WHERE v.end_date >= $start AND v.end_date < $end
  AND coalesce(v.outcome_code, '') NOT IN ('5', '8') AND coalesce(v.discharge_code, '') NOT IN ('2', '5')
