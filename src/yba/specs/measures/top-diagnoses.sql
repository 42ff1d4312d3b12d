-- One row per visit with a main diagnosis; three characters of its ICD-10 code.
SELECT v.person, v.facility, v.start_date AS day, v.payer, substr(c.code, 1, 3) AS detail, 1 AS numerator, NULL AS denominator
FROM visit v
JOIN condition c ON c.id = v.main_condition_id
WHERE c.code IS NOT NULL AND v.start_date >= $start AND v.start_date < $end
