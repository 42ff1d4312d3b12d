-- After alive. People with a chronic disease by the step they reach; {first} to {last}: ICD-10 categories, three characters.
-- known: diagnosed in the 24 months until the end of the period, not refuted, alive; seen: diagnosed again in the last 6; treated: given any medicine in them.
diagnosed AS (
  SELECT c.row_person AS person, c.recorded_date AS day FROM condition c
  WHERE substr(c.code, 1, 3) BETWEEN {first} AND {last} AND coalesce(c.verification_status, '') <> 'refuted'
    AND c.recorded_date < $end AND c.recorded_date >= $end::DATE - INTERVAL 24 MONTH
),
known AS (
  SELECT DISTINCT d.person FROM diagnosed d JOIN alive a ON a.person = d.person
),
seen AS (
  SELECT person FROM known WHERE person IN (SELECT person FROM diagnosed WHERE day >= $end::DATE - INTERVAL 6 MONTH)
),
treated AS (
  SELECT person FROM seen WHERE person IN (
    SELECT row_person FROM medication_request WHERE authored_date < $end AND authored_date >= $end::DATE - INTERVAL 6 MONTH
    UNION SELECT row_person FROM medication_dispense WHERE handed_over_date < $end AND handed_over_date >= $end::DATE - INTERVAL 6 MONTH)
)
