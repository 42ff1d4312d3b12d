-- One row per facility and span of days with so many beds: beds on the last day of the window, bed-days of each day in it.
SELECT b.facility, NULL::UUID AS person, 'n' AS col, b.beds AS amount, 'beds' AS line
FROM facility_bed b WHERE b.valid_from < $end AND (b.valid_to IS NULL OR b.valid_to >= $end::DATE - 1)
UNION ALL
SELECT b.facility, NULL, 'n', b.beds * date_diff('day', greatest(b.valid_from, $start::DATE), least(coalesce(b.valid_to + 1, $end::DATE), $end::DATE)), 'bed-days'
FROM facility_bed b WHERE b.valid_from < $end AND coalesce(b.valid_to + 1, $end::DATE) > $start
