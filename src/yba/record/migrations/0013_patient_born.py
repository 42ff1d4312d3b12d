"""Find Patients by their day of birth: of all families of one name those born on a day, without reading everybody of that name."""

from django.db import migrations


class Migration(migrations.Migration):
    """One index over Patients alone (their start_at is the date of birth): 20 bytes a Patient, nothing for other types."""

    dependencies = (("record", "0012_touched"),)
    operations = (migrations.RunSQL("CREATE INDEX resource_patient_born ON resource_patient (start_at)", "DROP INDEX resource_patient_born"),)
