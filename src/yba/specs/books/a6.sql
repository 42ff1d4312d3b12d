-- One row per person whose record says when he or she died: the platform's own Patient. The stay that ended in death, where one is told, says the place.
SELECT p.id AS event, p.row_person AS person, v.row_facility AS facility, p.death_date AS day, p.death_date::TIMESTAMPTZ AS moment, v.id AS encounter,
  NULL::UUID AS source, NULL::VARCHAR[] AS rests
FROM patient p
LEFT JOIN (
  SELECT row_person, row_facility, id, row_number() OVER (PARTITION BY row_person ORDER BY end_at DESC, id) AS place
  FROM encounter WHERE outcome_code IN ('5', '8')
) v ON v.row_person = p.row_person AND v.place = 1
WHERE p.id = 'Patient/' || p.row_person::VARCHAR AND p.death_date >= $start AND p.death_date < $end
