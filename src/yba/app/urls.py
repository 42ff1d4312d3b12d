"""Every address of the installation: the faces' own lists, one after the other."""

from __future__ import annotations

from django.urls import include, path

from . import rooms, shield

handler400, handler403, handler404, handler500 = shield.bad_request, shield.forbidden, shield.missing, shield.broken
urlpatterns = [path("", include(name)) for name in rooms.present(rooms.WITH_ADDRESSES)]
