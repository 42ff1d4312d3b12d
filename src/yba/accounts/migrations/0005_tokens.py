"""Create accounts' own tokens, which the platform's own work alone may reach."""

from django.db import migrations

from yba.accounts.token_tables import CREATE, DROP


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_session_list")]
    operations = [migrations.RunSQL(CREATE, DROP)]
