"""Create what measures divide by: people by commune, year, sex and age, and beds of facilities from a day on."""

from django.db import migrations

from yba.specs.age_bands import NAMES

BANDS = ", ".join(f"'{name}'" for name in NAMES)
CREATE = f"""
CREATE TABLE area_population (
    commune   text COLLATE "C" NOT NULL CHECK (commune ~ '^[0-9]{{5}}$'),
    year      smallint NOT NULL CHECK (year BETWEEN 2025 AND 2100),
    sex       text COLLATE "C" NOT NULL CHECK (sex IN ('female', 'male')),
    age_band  text COLLATE "C" NOT NULL CHECK (age_band IN ({BANDS})),
    people    integer NOT NULL CHECK (people >= 0),
    source    text NOT NULL CHECK (source <> '' AND length(source) <= 255),
    PRIMARY KEY (commune, year, sex, age_band)
);
COMMENT ON TABLE area_population IS 'Residents by commune (codes since 2025-07-01), as an office of statistics or the population database counted them.';
COMMENT ON COLUMN area_population.source IS 'Who counted, in which publication.';

CREATE TABLE facility_bed (
    facility  text COLLATE "C" NOT NULL CHECK (facility ~ '^[0-9A-Z]{{5}}$'),
    since     date NOT NULL,
    beds      integer NOT NULL CHECK (beds >= 0),
    source    text NOT NULL CHECK (source <> '' AND length(source) <= 255),
    PRIMARY KEY (facility, since)
);
COMMENT ON TABLE facility_bed IS 'Beds of a facility: the newest row that has begun is in force; 0 = none since that day.';
REVOKE ALL ON area_population, facility_bed FROM yba_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON area_population TO yba_app;
GRANT SELECT, INSERT, UPDATE ON facility_bed TO yba_app;
"""

DROP = "DROP TABLE area_population, facility_bed"


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = (("directory", "0003_prices"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
