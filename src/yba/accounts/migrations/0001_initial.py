"""The first tables of accounts: clients, sessions, failures and paces."""

from django.db import migrations

from yba.accounts import tables


class Migration(migrations.Migration):  # type: ignore[misc]  # Django has no types of its own
    """Create them."""

    initial = True
    dependencies: list[tuple[str, str]] = []
    operations = [migrations.RunSQL(tables.CREATE, tables.DROP)]
