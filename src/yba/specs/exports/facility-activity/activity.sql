-- One row per visit and line it stands in. Visits count when they begin, stays that ended when they end.
SELECT v.facility, v.person, 'n' AS col, 1 AS amount, unnest([
    'visits', CASE WHEN v.payer = 'bhyt' THEN 'visits.insured' END, CASE WHEN v.class_code = 'EMER' THEN 'visits.emergency' END,
    CASE WHEN age_on(r.birth_date, r.birth_year, v.start_date) < 6 THEN 'visits.under-6' END,
    CASE WHEN age_on(r.birth_date, r.birth_year, v.start_date) >= 60 THEN 'visits.over-60' END]) AS line
FROM visit v LEFT JOIN resident r ON r.person = v.person
WHERE coalesce(v.class_code, '') <> 'IMP' AND v.start_date >= $start AND v.start_date < $end
UNION ALL
SELECT v.facility, v.person, 'n', 1, unnest([
    'stays', CASE WHEN v.payer = 'bhyt' THEN 'stays.insured' END,
    CASE WHEN age_on(r.birth_date, r.birth_year, v.start_date) < 6 THEN 'stays.under-6' END,
    CASE WHEN age_on(r.birth_date, r.birth_year, v.start_date) >= 60 THEN 'stays.over-60' END])
FROM visit v LEFT JOIN resident r ON r.person = v.person
WHERE v.class_code = 'IMP' AND v.start_date >= $start AND v.start_date < $end
UNION ALL
SELECT v.facility, v.person, 'n', coalesce(v.length_days, greatest(1, date_diff('day', v.start_date, v.end_date))), 'days'
FROM visit v
WHERE v.class_code = 'IMP' AND v.end_date >= $start AND v.end_date < $end AND v.start_date <= v.end_date
UNION ALL
SELECT v.facility, v.person, 'n', 1, unnest([
    'ended', CASE WHEN v.outcome_code = '5' THEN 'ended.deaths' END, CASE WHEN substr(c.code, 1, 3) BETWEEN 'O80' AND 'O84' THEN 'births' END])
FROM visit v LEFT JOIN condition c ON c.id = v.main_condition_id
WHERE v.class_code = 'IMP' AND v.end_date >= $start AND v.end_date < $end
UNION ALL
SELECT v.facility, v.person, 'n', 1, 'referred'
FROM visit v
WHERE v.discharge_code IN ('2', '5') AND v.end_date >= $start AND v.end_date < $end
