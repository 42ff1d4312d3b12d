-- One row per person with a record where people were counted, and one per group of people counted.
WITH newest AS (
  SELECT commune, coalesce(max(CASE WHEN year <= year($end::DATE - 1) THEN year END), min(year)) AS year
  FROM area_population GROUP BY commune
),
counted AS (SELECT a.* FROM area_population a JOIN newest n ON n.commune = a.commune AND n.year = a.year),
held AS (
  SELECT row_person FROM encounter WHERE start_date < $end AND status NOT IN (SELECT status FROM list_no_visit)
  UNION SELECT row_person FROM condition WHERE recorded_date < $end
  UNION SELECT row_person FROM observation WHERE effective_date < $end
  UNION SELECT row_person FROM immunization WHERE occurrence_date < $end
)
SELECT a.person, NULL AS facility, $end::DATE - 1 AS day, 'unknown' AS payer, NULL AS detail, 1 AS numerator, 0 AS denominator,
  NULL AS commune, NULL AS age_band, NULL AS sex
FROM alive a
JOIN held h ON h.row_person = a.person
WHERE a.commune_code IN (SELECT commune FROM newest)
UNION ALL
SELECT NULL, NULL, $end::DATE - 1, 'unknown', NULL, 0, c.people, c.commune, c.age_band, c.sex
FROM counted c
