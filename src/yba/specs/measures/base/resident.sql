-- One row per person: the platform's own Patient (sent by no facility) where there is one, otherwise the one that came last.
-- Its commune is the one in force: a code of before 2025 is followed to the commune that took all its people over (directory.communes_now).
-- A commune that was divided, and a code no tree has, is not known.
resident AS (
  SELECT p.row_person AS person, c.commune AS commune_code, p.sex, p.birth_date, coalesce(year(p.birth_date), p.birth_year) AS birth_year,
    p.has_citizen_number, coalesce(p.is_deceased, false) AS is_deceased, p.death_date
  FROM (
    SELECT *, row_number() OVER (PARTITION BY row_person ORDER BY coalesce(row_facility, '') <> '', row_seq DESC, id) AS place FROM patient
  ) p
  LEFT JOIN list_commune_now c ON c.code = p.commune_code
  WHERE p.place = 1
)
