SELECT v.person, v.facility, v.end_date AS day, v.payer, NULL AS detail,
  -- Days as claimed; where nobody said, the days between, at least one.
  coalesce(v.length_days, greatest(1, date_diff('day', v.start_date, v.end_date))) AS numerator, 1 AS denominator
FROM visit v
WHERE v.class_code = 'IMP' AND v.end_date >= $start AND v.end_date < $end AND v.start_date <= v.end_date
