#!/bin/sh
# The long suite: every test on the embedded PostgreSQL 18, again on a PostgreSQL 15 if the system has one, again on Python 3.13.
# Its summary goes to docs/test-long.md by hand, with the date and the commit.
set -u
UV=${UV:-uv}
status=0
export YBA_LONG=1 # journeys look at every size, light and dark
if ! { command -v java >/dev/null 2>&1 && "$UV" sync --frozen --inexact --quiet --group dev --group docs --extra spark; }; then
    echo "== Spark: pyspark or Java 17 could not be had: its tests say so and are left out"
    status=1
fi
echo "== everything, PostgreSQL 18, $(.venv/bin/python --version)"
.venv/bin/python -m pytest -n "${JOBS:-2}" --dist loadfile --no-loadscope-reorder "$@" || status=1

pg15=/usr/lib/postgresql/15/bin
if [ -x "$pg15/postgres" ]; then
    echo "== PostgreSQL 15"
    YBA_POSTGRES_BIN=$pg15 YBA_VAR=$PWD/var/test15 .venv/bin/python -m pytest -n "${JOBS:-2}" --dist loadfile --no-loadscope-reorder -m "not long" "$@" || status=1
else
    echo "== PostgreSQL 15: not here (apt install postgresql-15), left out"
    status=1
fi

echo "== Python 3.13"
for found in "${PY313:-}" "$(command -v python3.13)" "$HOME"/.pyenv/versions/3.13*/bin/python3.13 3.13; do
    [ -n "$found" ] && { [ "$found" = 3.13 ] || "$found" --version >/dev/null 2>&1; } && break # the last word lets uv fetch it
done
if UV_PROJECT_ENVIRONMENT=.venv313 "$UV" sync --frozen --quiet --python "$found" --group dev --group docs; then
    YBA_VAR=$PWD/var/test313 .venv313/bin/python -m pytest -n "${JOBS:-2}" --dist loadfile --no-loadscope-reorder -m "not long" "$@" || status=1
else
    echo "   could not be had, left out"
    status=1
fi
exit $status
