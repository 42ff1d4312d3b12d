-- Residents with a record who are born and alive on the last day of the period; a death without a day was long ago.
alive AS (
  SELECT * FROM resident r
  WHERE (NOT r.is_deceased OR r.death_date >= $end) AND coalesce(r.birth_date < $end, r.birth_year <= year($end::DATE - 1), true)
)
