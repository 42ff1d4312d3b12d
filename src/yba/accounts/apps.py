"""Django's entry for accounts: joins the trail of second factors once the models exist."""

import importlib

from django.apps import AppConfig


class Accounts(AppConfig):
    """The room as a Django app."""

    name = "yba.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Join what listens to allauth."""
        importlib.import_module("yba.accounts.signin.signals")
