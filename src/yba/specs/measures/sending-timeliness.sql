-- One row per claim that was taken; each stands for a person of its own, so that few are hidden as few visits are.
SELECT uuid() AS person, c.facility, c.end_date AS day, 'bhyt' AS payer, NULL AS detail,
  CASE WHEN c.received_date <= CAST(c.end_date + INTERVAL 7 DAY AS DATE) THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM intake_claim c
WHERE c.state = 'accepted' AND c.end_date >= $start AND c.end_date < $end
