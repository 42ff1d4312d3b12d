-- One row per visit that is no inpatient stay; `visit` (specs/measures/base) has each visit once.
SELECT v.id AS event, v.person, v.facility, v.start_date AS day, v.start_at AS moment, v.id AS encounter, NULL::UUID AS source, NULL::VARCHAR[] AS rests
FROM visit v
WHERE coalesce(v.class_code, '') NOT IN ('IMP', 'ACUTE', 'NONAC') AND v.start_date >= $start AND v.start_date < $end
