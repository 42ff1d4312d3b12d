"""Accounts of people: Django's user and session, and the tables of people_tables.py."""

from django.db import migrations, models

import yba.kit.ids
from yba.accounts import people_tables


class Migration(migrations.Migration):
    """Create them, before allauth's tables that refer to users."""

    dependencies = [("accounts", "0001_initial")]
    run_before = [("account", "0001_initial"), ("mfa", "0001_initial"), ("socialaccount", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("id", models.UUIDField(default=yba.kit.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=60, unique=True)),
                ("kind", models.CharField(default="staff", max_length=10)),
                ("display_name", models.CharField(blank=True, default="", max_length=120)),
                ("phone", models.CharField(blank=True, default="", max_length=30)),
                ("email", models.CharField(blank=True, default="", max_length=254)),
                ("person_id", models.UUIDField(null=True, unique=True)),
                ("demo", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                ("last_seen", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("created_by", models.CharField(max_length=120)),
                ("password_set_at", models.DateTimeField(null=True)),
                ("password_long", models.BooleanField(default=False)),
                ("must_change", models.BooleanField(default=False)),
                ("disabled_at", models.DateTimeField(null=True)),
                ("disabled_reason", models.CharField(blank=True, default="", max_length=200)),
            ],
            options={"db_table": "accounts_user"},
        ),
        migrations.CreateModel(
            name="UserSession",
            fields=[
                ("session_key", models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key")),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("account", models.UUIDField(db_index=True, null=True)),
            ],
            options={"db_table": "accounts_user_session"},
        ),
        migrations.RunSQL(people_tables.CREATE, people_tables.DROP),
    ]
