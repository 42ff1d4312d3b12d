-- One row per visit that ended with a transfer; facility = whence, detail = whereto.
SELECT v.person, v.facility, v.end_date AS day, v.payer, coalesce(v.referred_to_code, '?') AS detail, 1 AS numerator, NULL AS denominator
FROM visit v
WHERE v.discharge_code IN ('2', '5') AND v.end_date >= $start AND v.end_date < $end
