-- One row per person: the platform's own Patient (sent by no facility) where there is one, otherwise the one that came last.
resident AS (
  SELECT row_person AS person, commune_code, sex, birth_date, coalesce(year(birth_date), birth_year) AS birth_year,
    has_citizen_number, coalesce(is_deceased, false) AS is_deceased, death_date
  FROM (
    SELECT *, row_number() OVER (PARTITION BY row_person ORDER BY coalesce(row_facility, '') <> '', row_seq DESC, id) AS place FROM patient
  ) p
  WHERE place = 1
)
