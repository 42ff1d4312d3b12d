"""Create the price lists of facilities: what an approving document says a service, a drug or a consultation costs from a day on."""

from django.db import migrations

CREATE = """
CREATE TABLE facility_price (
    facility  text COLLATE "C" NOT NULL CHECK (facility ~ '^[0-9A-Z]{5}$'),
    list      text COLLATE "C" NOT NULL CHECK (list IN ('drug', 'exam', 'service')),
    code      text COLLATE "C" NOT NULL CHECK (code <> '' AND length(code) <= 255),
    basis     text COLLATE "C" NOT NULL CHECK (basis IN ('insurance', 'budget', 'other', 'request')),
    since     date NOT NULL,
    amount    numeric(15, 3) CHECK (amount > 0),
    name      text NOT NULL CHECK (length(name) <= 1024),
    unit      text NOT NULL CHECK (length(unit) <= 50),
    tender    text NOT NULL CHECK (length(tender) <= 50),
    document  text NOT NULL CHECK (document <> '' AND length(document) <= 255),
    PRIMARY KEY (facility, list, code, basis, since)
);
COMMENT ON TABLE facility_price IS 'Price lists: the newest row that has begun is in force.';
COMMENT ON COLUMN facility_price.basis IS 'The four kinds of price of Law 15/2023 art. 110.';
COMMENT ON COLUMN facility_price.amount IS 'Dong a unit; NULL: not offered any more since that day.';
COMMENT ON COLUMN facility_price.tender IS 'TT_THAU of a drug.';
COMMENT ON COLUMN facility_price.document IS 'The document that approved it.';
REVOKE ALL ON facility_price FROM yba_app;
GRANT SELECT, INSERT, UPDATE ON facility_price TO yba_app;
"""

DROP = "DROP TABLE facility_price"


class Migration(migrations.Migration):
    """One table."""

    dependencies = (("directory", "0002_words"),)
    operations = (migrations.RunSQL(CREATE, DROP),)
