"""The addresses of the gateway."""

from __future__ import annotations

from django.urls import path

from . import axis, insurer, plain, portal

urlpatterns = [
    # the insurer's
    path("api/token/take", insurer.take_token),
    *(path(f"api/qd130/checkInKcbQd{edition}", insurer.check_in) for edition in ("130", "4750", "3176")),
    *(path(f"api/qd130/guiHoSoXmlQD{edition}", insurer.claims) for edition in ("130", "4750", "3176")),
    path("api/qd130/guiDuLieuGdykQd130", insurer.assessment),
    # the Hà Nội axis
    path("api/auth/token/take", axis.take_token),
    path("api/kcb/xml/qd3176/guiHoSoXml", axis.claims),
    path("api/kcb/tra-cuu-trang-thai/<str:transaction>", axis.state),
    # the Điện Biên portal
    path("api/token", portal.take_token),
    path("api/Cong130/CheckIn", portal.files),
    # plain
    path("intake/claims", plain.claims),
    path("intake/transactions/<str:code>", plain.transaction),
]
