"""A column by which facilities are found by words of their name: kept by the database, so that a search hands out what fits and not every name."""

from django.db import migrations

# As kit.text.fold writes a name: without marks, đ as d, lower case, one blank between words; a blank before each word marks its beginning.
# Marks fall away before the case does: lower() of a database in the locale C knows ASCII letters only.
FOLDED = (
    r"""lower(regexp_replace(regexp_replace(normalize(translate(name, U&'\0110\0111\00D0\00F0\2018\2019\02BC\02B9\2032\00B4`', 'dddd'''''''''''''''), NFD),"""
    r""" U&'[\0300-\036F]', '', 'g'), U&'[\\s\00A0]+', ' ', 'g'))"""
)
SQL = f"""
ALTER TABLE facility ADD COLUMN words text COLLATE "C" NOT NULL GENERATED ALWAYS AS (' ' || btrim({FOLDED}) || ' ' || lower(code)) STORED;
COMMENT ON COLUMN facility.words IS 'Name and code as they are searched: folded, a blank before each word.';
"""
DROP = "ALTER TABLE facility DROP COLUMN words"


class Migration(migrations.Migration):
    """One column."""

    dependencies = (("directory", "0001_tables"),)
    operations = (migrations.RunSQL(SQL, DROP),)
