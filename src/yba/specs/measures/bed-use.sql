-- One row per facility and time its number of beds stood, and one per stay and such time: days of both within the period.
-- Days are Vietnam's, also where a stay under way is taken to end.
WITH bed AS (
  SELECT facility, beds, greatest(valid_from, $start::DATE) AS first,
    least(coalesce(CAST(valid_to + INTERVAL 1 DAY AS DATE), $end::DATE), $end::DATE) AS until
  FROM facility_bed WHERE beds > 0
),
stay AS (
  SELECT person, facility, start_date AS first,
    greatest(coalesce(end_date, CAST(until_at + INTERVAL 7 HOUR AS DATE)), CAST(start_date + INTERVAL 1 DAY AS DATE)) AS until
  FROM visit WHERE class_code = 'IMP' AND start_date IS NOT NULL AND coalesce(end_date >= start_date, true)
)
SELECT NULL AS person, b.facility, b.first AS day, 'unknown' AS payer, NULL AS detail, 0 AS numerator,
  b.beds * date_diff('day', b.first, b.until) AS denominator
FROM bed b WHERE b.first < b.until
UNION ALL
SELECT s.person, s.facility, greatest(s.first, b.first), 'unknown', NULL, date_diff('day', greatest(s.first, b.first), least(s.until, b.until)), 0
FROM stay s JOIN bed b ON b.facility = s.facility AND greatest(s.first, b.first) < least(s.until, b.until)
