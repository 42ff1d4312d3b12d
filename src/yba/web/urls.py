"""The addresses of the pages; each declares the right it needs or why it is open to all, or nothing starts."""

from __future__ import annotations

from . import assets
from .edge import at, open_at
from .pages import clients, emergency, home, looks, people, person, reports, reviews, trail

urlpatterns = [
    at("", home.home, "home"),
    at("search", home.search, "search", acts=True),
    at("record/<uuid:person>", person.opened, "record"),
    at("record/<uuid:person>/print", person.printed, "record_print"),
    at("record/<uuid:person>/looks", looks.looks, "record_looks"),
    at("record/<uuid:person>/looks/<int:number>", looks.report, "record_report", acts=True),
    at("record/<uuid:person>/emergency", emergency.emergency, "record_emergency", acts=True),
    at("record/<str:number>", person.person, "record_number"),
    at("person/<uuid:person>", person.clerk, "person"),
    at("me", person.own, "own"),
    at("me/looks", looks.looks, "own_looks"),
    at("me/notices", looks.notices, "own_notices"),
    at("emergencies", emergency.queue, "emergencies"),
    at("emergencies/<uuid:emergency>", emergency.review, "emergency_review", acts=True),
    at("reports", reports.reports, "reports", acts=True),
    at("trail", trail.trail, "trail"),
    at("trail/export", trail.export, "trail_export"),
    at("admin/accounts", people.listed, "accounts"),
    at("admin/accounts/add", people.add, "account_add", acts=True),
    at("admin/accounts/<uuid:account>", people.one, "account"),
    at("admin/accounts/<uuid:account>/assign", people.assign, "account_assign", acts=True),
    at("admin/accounts/<uuid:account>/end", people.end, "account_end", acts=True),
    at("admin/accounts/<uuid:account>/disable", people.disable, "account_disable", acts=True),
    at("admin/accounts/<uuid:account>/leave", people.leave, "account_leave", acts=True),
    at("admin/accounts/<uuid:account>/reset", people.reset, "account_reset", acts=True),
    at("admin/accounts/<uuid:account>/sign-out", people.sign_out, "account_sign_out", acts=True),
    at("admin/clients", clients.listed, "clients"),
    at("admin/clients/add", clients.add, "client_add", acts=True),
    at("admin/clients/reset", clients.reset, "client_reset", acts=True),
    at("admin/clients/disable", clients.disable, "client_disable", acts=True),
    at("admin/roles", reviews.roles, "roles"),
    at("admin/review", reviews.listed, "reviews"),
    at("admin/review/<uuid:review>", reviews.one, "review"),
    at("admin/review/<uuid:review>/decide", reviews.decide, "review_decide", acts=True),
    at("admin/review/<uuid:review>/sign", reviews.sign, "review_sign", acts=True),
    open_at("asset/<str:name>", assets.asset, "asset"),
    open_at("font/<str:name>", assets.asset, "font"),
]
