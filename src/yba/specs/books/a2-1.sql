-- One row per dose given that A2.2 does not have.
SELECT i.id AS event, i.row_person AS person, i.row_facility AS facility, i.occurrence_date AS day, i.occurrence_at AS moment,
  i.encounter_id AS encounter, NULL::UUID AS source, NULL::VARCHAR[] AS rests
FROM immunization i
LEFT JOIN resident r ON r.person = i.row_person
WHERE i.status = 'completed' AND i.occurrence_date >= $start AND i.occurrence_date < $end
  AND NOT (coalesce(r.sex, '') = 'female' AND i.occurrence_date >= r.birth_date + INTERVAL 15 YEAR
    AND (coalesce(i.vaccine_code, '') IN ('VAT', 'UV', 'Td') OR coalesce(i.vaccine_text, '') ILIKE '%uốn ván%'))
