"""The addresses of the pages."""

from __future__ import annotations

from django.urls import path

from . import fonts, views

urlpatterns = [
    path("", views.home),
    path("record/<str:number>", views.person),
    path("font/<str:name>", fonts.font),
]
