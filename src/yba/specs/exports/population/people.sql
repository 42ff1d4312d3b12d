-- One row per number that was counted, line and column; the year is that of the period's last day.
SELECT a.commune, NULL::UUID AS person, a.people AS amount, t.line, c.col
FROM area_population a
CROSS JOIN LATERAL (VALUES ('people', true), ('people.under-1', a.age_band = '0'), ('people.under-5', a.age_band IN ('0', '1-4')),
  ('people.under-15', a.age_band IN ('0', '1-4', '5-14')), ('people.over-60', a.age_band IN ('60-79', '80+')), ('people.over-80', a.age_band = '80+')) t (line, holds)
CROSS JOIN LATERAL (VALUES ('all', true), ('female', a.sex = 'female')) c (col, holds)
WHERE t.holds AND c.holds AND a.year = year($end::DATE - 1)
