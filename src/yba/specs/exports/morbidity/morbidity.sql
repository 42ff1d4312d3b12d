-- One row per visit, line and column. Stays count when they end (the code set is that of the end), other visits when they begin; ages are those at admission.
WITH said AS (
  SELECT v.facility, v.person, r.sex, age_on(r.birth_date, r.birth_year, v.start_date) AS age, coalesce(v.class_code, '') = 'IMP' AS stay,
    coalesce(v.outcome_code, '') = '5' AS died, coalesce(m.chapter, 'none') AS chapter
  FROM visit v LEFT JOIN resident r ON r.person = v.person LEFT JOIN condition c ON c.id = v.main_condition_id
  LEFT JOIN list_icd_chapter m ON substr(c.code, 1, 3) BETWEEN m."from" AND m."to"
  WHERE CASE WHEN v.class_code = 'IMP' THEN v.end_date >= $start AND v.end_date < $end ELSE v.start_date >= $start AND v.start_date < $end END
)
SELECT s.facility, s.person, 1 AS amount, t.line, unnest([
    CASE WHEN s.stay THEN 'in' ELSE 'out' END,
    CASE WHEN s.sex = 'female' THEN CASE WHEN s.stay THEN 'in-female' ELSE 'out-female' END END,
    CASE WHEN s.age < 15 THEN CASE WHEN s.stay THEN 'in-under-15' ELSE 'out-under-15' END END,
    CASE WHEN s.age < 5 AND s.stay THEN 'in-under-5' END,
    CASE WHEN s.died THEN 'deaths' END,
    CASE WHEN s.died AND s.sex = 'female' THEN 'deaths-female' END,
    CASE WHEN s.died AND s.age < 15 THEN 'deaths-under-15' END,
    CASE WHEN s.died AND s.age < 5 THEN 'deaths-under-5' END]) AS col
FROM said s CROSS JOIN LATERAL (VALUES ('total'), (s.chapter)) t (line)
