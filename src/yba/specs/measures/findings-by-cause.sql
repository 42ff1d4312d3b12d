-- One row per facility, day, place and rule.
SELECT NULL AS person, f.facility, f.day, 'bhyt' AS payer, f.cause AS detail, f.n AS numerator, 0 AS denominator
FROM intake_finding f
WHERE f.severity <> 'note' AND f.day >= $start AND f.day < $end
