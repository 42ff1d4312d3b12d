SELECT v.person, v.facility, v.end_date AS day, v.payer, NULL AS detail,
  CASE WHEN v.outcome_code = '5' THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM visit v
WHERE v.class_code = 'IMP' AND v.end_date >= $start AND v.end_date < $end
