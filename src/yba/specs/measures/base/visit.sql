-- One row per visit. A visit told by several channels (claim, facility's software, desk) is several Encounters: the one of the first channel counts,
-- by the channels, classes and tolerances of specs/visits.toml. Encounters of one channel are never taken for the same visit here.
-- payer: bhyt = told by an insurance claim; self = category 9 (no insurance used); unknown = everything else.
told AS (
  SELECT e.id, e.row_person AS person, e.row_facility AS facility, e.class_code, e.status, e.start_at, e.start_date, e.end_at, e.end_date,
    e.length_days, e.patient_category_code, e.discharge_code, e.outcome_code, e.referred_to_code, e.main_condition_id,
    coalesce(c.rank, 0) AS channel, coalesce(g.class_group, e.class_code, '') AS class_group, coalesce(g.tolerance_minutes, 0) AS tolerance_minutes,
    coalesce(e.end_at, e.start_at + to_minutes(coalesce(g.open_minutes, 1440))) AS until_at
  FROM encounter e
  JOIN lake."Encounter" l ON 'Encounter/' || coalesce(l.given_id, l.id::VARCHAR) = e.id
  LEFT JOIN list_visit_channel c ON c.mapped_by = l.mapped_by
  LEFT JOIN list_visit_class g ON g.class_code = e.class_code
  WHERE e.status NOT IN (SELECT status FROM list_no_visit)
),
again AS (
  SELECT t.id
  FROM told t
  JOIN told p ON p.person = t.person AND p.facility = t.facility AND p.channel < t.channel
    AND p.start_at <= t.until_at + to_minutes(CASE WHEN p.class_group = t.class_group THEN t.tolerance_minutes ELSE 0 END)
    AND t.start_at <= p.until_at + to_minutes(CASE WHEN p.class_group = t.class_group THEN t.tolerance_minutes ELSE 0 END)
  WHERE t.channel > 0
),
visit AS (
  SELECT t.*,
    CASE WHEN t.patient_category_code = '9' THEN 'self' WHEN t.channel = 0 THEN 'bhyt' ELSE 'unknown' END AS payer
  FROM told t
  WHERE t.id NOT IN (SELECT id FROM again)
)
