-- One row per claim and table; each claim stands for a person of its own, so that few are hidden as few visits are.
SELECT c.person, c.facility, c.received_date AS day, 'bhyt' AS payer, t.part AS detail,
  CASE WHEN t.part = 'all' AND c.incomplete = '' THEN 1
    WHEN t.part <> 'all' AND NOT contains(' ' || c.incomplete || ' ', ' ' || t.part || ' ') THEN 1 ELSE 0 END AS numerator, 1 AS denominator
FROM (SELECT uuid() AS person, facility, received_date, incomplete FROM intake_claim WHERE received_date >= $start AND received_date < $end) c
CROSS JOIN (VALUES ('all'), ('XML1'), ('XML2'), ('XML3'), ('XML4'), ('XML5'), ('XML7')) t (part)
