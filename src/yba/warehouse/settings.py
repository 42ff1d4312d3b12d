"""Settings of the warehouse: where the lake lies, how often it is filled, for how many days it can be read as it was."""

from __future__ import annotations

from typing import Final

from yba.kit import settings

LAKE: Final = settings.declare(
    "YBA_LAKE",
    settings.text,
    default="",
    meaning="Folder of the lake (Parquet files of the warehouse); empty: lake in the data folder.",
    write="a path, for example /srv/yba/lake",
)
LAKE_MINUTES: Final = settings.declare(
    "YBA_LAKE_MINUTES",
    settings.whole,
    default="5",
    meaning="Minutes between two exports to the lake by the job, in steps of five; 0: only `yba warehouse refresh` exports.",
    write="a whole number of minutes, for example 5",
)
LAKE_DAYS: Final = settings.declare(
    "YBA_LAKE_DAYS",
    settings.whole,
    default="35",
    meaning="Days for which the lake can be read as it was at their end; what only older days need goes at the next compaction.",
    write="a whole number of days, for example 35",
)
SMALLEST_CELL: Final = settings.declare(
    "YBA_SMALLEST_CELL",
    settings.whole,
    default="5",
    meaning="Fewest people a number of a measure may be about; what is about fewer is not shown.",
    write="a whole number of people, for example 5",
)
SPARK_MASTER: Final = settings.declare(
    "YBA_SPARK_MASTER",
    settings.text,
    default="local[*]",
    meaning="Where Spark runs for `--engine spark`: on this machine (local[*]) or at a cluster whose workers see the lake at the same path.",
    write="a master of Spark, for example spark://10.0.0.5:7077 or local[4]",
)
SPARK_MEMORY: Final = settings.declare(
    "YBA_SPARK_MEMORY",
    settings.text,
    default="1g",
    meaning="Memory of Spark's own process for `--engine spark`.",
    write="a size as Java writes it, for example 4g",
)
