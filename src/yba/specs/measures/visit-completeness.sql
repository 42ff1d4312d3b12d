-- One row per visit and table that it ought to have.
WITH begun AS (SELECT * FROM visit WHERE start_date >= $start AND start_date < $end),
has AS (
  SELECT b.id, 'diagnosis' AS part FROM begun b JOIN condition c ON c.id = b.main_condition_id WHERE c.code IS NOT NULL
  UNION SELECT encounter_id, 'medication' FROM medication_request
  UNION SELECT encounter_id, 'medication' FROM medication_dispense
  UNION SELECT encounter_id, 'result' FROM observation
  UNION SELECT encounter_id, 'procedure' FROM procedure
  UNION SELECT id, 'end' FROM begun WHERE end_date IS NOT NULL
  UNION SELECT id, 'discharge' FROM begun WHERE discharge_code IS NOT NULL AND outcome_code IS NOT NULL
)
SELECT b.person, b.facility, b.start_date AS day, b.payer, g.part AS detail,
  CASE WHEN h.id IS NULL THEN 0 ELSE 1 END AS numerator, 1 AS denominator
FROM begun b
JOIN (VALUES ('diagnosis'), ('medication'), ('result'), ('procedure'), ('end'), ('discharge')) g (part)
  ON g.part <> 'discharge' OR b.class_code = 'IMP'
LEFT JOIN has h ON h.id = b.id AND h.part = g.part
