"""The WSGI application granian serves."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from yba.kit.memory import settle

from .start import setup

setup()
application = get_wsgi_application()
settle()
