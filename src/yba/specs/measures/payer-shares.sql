-- One row per claim and source of money; the denominator is the claim's whole cost, so a source's share is of all money.
SELECT c.row_person AS person, c.row_facility AS facility, c.end_date AS day, 'bhyt' AS payer, s.source AS detail,
  coalesce(CASE s.source WHEN 'fund' THEN c.fund_amount WHEN 'copay' THEN c.copay_amount
    WHEN 'self' THEN c.self_paid_amount ELSE c.other_amount END, 0) AS numerator,
  c.total_amount AS denominator
FROM claim c
CROSS JOIN (VALUES ('fund'), ('copay'), ('self'), ('other')) s (source)
WHERE c.total_amount IS NOT NULL AND c.end_date >= $start AND c.end_date < $end
