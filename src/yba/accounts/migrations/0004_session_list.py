"""What a list of sessions shows of each: since when, last used, from where, with which kind of browser."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the columns; sessions of before say nothing of themselves."""

    dependencies = [("accounts", "0003_sweep")]
    operations = [
        migrations.AddField("usersession", "started_at", models.DateTimeField(null=True)),
        migrations.AddField("usersession", "seen_at", models.DateTimeField(null=True)),
        migrations.AddField("usersession", "address", models.CharField(default="", max_length=45)),
        migrations.AddField("usersession", "browser", models.CharField(default="", max_length=40)),
    ]
