"""Indexes by which old counts of failures and paces are found to be cleared away."""

from django.db import migrations


class Migration(migrations.Migration):
    """Create them."""

    dependencies = [("accounts", "0002_people")]
    operations = [
        migrations.RunSQL(
            "CREATE INDEX accounts_failure_first ON accounts_failure (first_at); CREATE INDEX accounts_pace_seen ON accounts_pace (seen_at);",
            "DROP INDEX accounts_failure_first; DROP INDEX accounts_pace_seen",
        )
    ]
