"""Settings of the warehouse: where the lake lies, how often it is filled, for how many days it can be read as it was."""

from __future__ import annotations

from typing import Final

from yba.kit import settings

LAKE: Final = settings.declare(
    "YBA_LAKE",
    settings.text,
    default="",
    meaning="Folder of the lake (Parquet files of the warehouse), or a bucket it is mirrored in; empty: lake in the data folder.",
    write="a path, for example /srv/yba/lake, or s3://BUCKET/PREFIX",
)
LAKE_ENDPOINT: Final = settings.declare(
    "YBA_LAKE_ENDPOINT",
    settings.text,
    default="",
    meaning="Address of the S3-compatible server of YBA_LAKE; https, but on this machine; empty: Amazon's.",
    write="an address, for example https://s3.soyte.example",
)
LAKE_REGION: Final = settings.declare(
    "YBA_LAKE_REGION",
    settings.text,
    default="us-east-1",
    meaning="Region of the bucket of YBA_LAKE, as its server calls it.",
    write="a name, for example ap-southeast-1",
)
LAKE_KEY: Final = settings.declare(
    "YBA_LAKE_KEY",
    settings.text,
    default="",
    meaning="Access key of the bucket of YBA_LAKE: it may list, read, write and delete below the prefix, and nothing else.",
    write="the key's id",
)
LAKE_SECRET: Final = settings.declare(
    "YBA_LAKE_SECRET",
    settings.text,
    default="",
    meaning="Secret of that key; never shown, never logged.",
    write="the secret",
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
    meaning="Fewest people a number of a measure may be about; what is about fewer is not shown, what is asked freely is rounded to multiples of it.",
    write="a whole number of people, for example 5",
)
COUNT_SECONDS: Final = settings.declare(
    "YBA_COUNT_SECONDS",
    settings.whole,
    default="3",
    meaning="Seconds for which a page counts itself what nobody kept; the rest is left to the queue, and the page says how far it is.",
    write="a whole number of seconds, for example 3",
)
COUNT_PARALLEL: Final = settings.declare(
    "YBA_COUNT_PARALLEL",
    settings.whole,
    default="2",
    meaning="Counts that run at once on this machine, of pages and jobs together, each with up to 1 GB; a page's further one is left to the queue.",
    write="a whole number of at least 1, for example 2",
)
COUNT_WAITING: Final = settings.declare(
    "YBA_COUNT_WAITING",
    settings.whole,
    default="10",
    meaning="Pages of one asker whose numbers may wait in the queue of counts at once; a further one is refused (429) until one of them is counted.",
    write="a whole number of at least 1, for example 10",
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
