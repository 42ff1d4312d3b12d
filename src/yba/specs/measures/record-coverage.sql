-- One row per person with a record where people were counted, and one per group of people counted.
WITH newest AS (
  SELECT commune, coalesce(max(CASE WHEN year <= year($end::DATE - INTERVAL 1 DAY) THEN year END), min(year)) AS year
  FROM area_population GROUP BY commune
),
counted AS (SELECT a.* FROM area_population a JOIN newest n ON n.commune = a.commune AND n.year = a.year),
held AS (
  SELECT row_person FROM encounter WHERE start_date < $end
  UNION SELECT row_person FROM condition WHERE recorded_date < $end
  UNION SELECT row_person FROM observation WHERE effective_date < $end
  UNION SELECT row_person FROM immunization WHERE occurrence_date < $end
)
SELECT r.person, NULL AS facility, $end::DATE AS day, 'unknown' AS payer, NULL AS detail, 1 AS numerator, 0 AS denominator,
  NULL AS commune, NULL AS age_band, NULL AS sex
FROM resident r
JOIN held h ON h.row_person = r.person
WHERE r.commune_code IN (SELECT commune FROM newest) AND (NOT r.is_deceased OR r.death_date >= $end)
UNION ALL
SELECT NULL, NULL, $end::DATE, 'unknown', NULL, 0, c.people, c.commune, c.age_band, c.sex
FROM counted c
