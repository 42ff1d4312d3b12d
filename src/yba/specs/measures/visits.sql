-- One row per visit that began in the period.
SELECT v.person, v.facility, v.start_date AS day, v.payer, v.class_code AS detail, 1 AS numerator, NULL AS denominator
FROM visit v
WHERE v.start_date >= $start AND v.start_date < $end
