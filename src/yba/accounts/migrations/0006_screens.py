"""Create the screens of walls, which the platform's own work alone may reach."""

from django.db import migrations

from yba.accounts.screen_tables import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_tokens")]
    operations = [migrations.RunSQL(CREATE, DROP)]
