"""The answers in the shapes the known clients read: pure functions from a landing or a fault to JSON."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import orjson
from django.http import HttpResponse

from yba.kit import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yba.accounts import Session

    from .faults import GatewayFault

CONTENT = 422  # HTTP status of a fault that lies in the file itself
RECEIVED_VI = "Đã tiếp nhận. Tra kết quả kiểm tra từng hồ sơ bằng mã giao dịch."
AGAIN_VI = "Tệp này đã được tiếp nhận trước đó; không tạo giao dịch mới."
CHECK_IN_VI = "Đã ghi nhận trạng thái check-in; bản tin này không phải hồ sơ đề nghị thanh toán."


def stamp(moment: datetime) -> str:
    """Write a moment as the insurer does: yyyyMMddHHmmss, Vietnam time."""
    return moment.astimezone(clock.VIETNAM).strftime("%Y%m%d%H%M%S")


def utc(moment: datetime) -> str:
    """Write a moment in UTC, as the insurer's ``expires_in`` is given."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_json(document: Mapping[str, object], *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Answer JSON that no cache keeps."""
    answer = HttpResponse(orjson.dumps(document), content_type="application/json; charset=utf-8", status=status)
    answer["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


def waiting(fault: GatewayFault) -> dict[str, str]:
    """Say in a header how long to wait, where that helps."""
    return {"Retry-After": str(fault.wait)} if fault.wait else {}


def sentence(fault: GatewayFault) -> str:
    """Join the fault's Vietnamese sentence and what is known of this case."""
    return " ".join(filter(None, (fault.fault.value.vi, fault.detail)))


# --- the insurer's shape (portal_api.md section 1)


def insurer_session(session: Session) -> dict[str, object]:
    """Answer ``/api/token/take``."""
    return {
        "maKetQua": "200",
        "APIKey": {
            "access_token": session.access_token,
            "id_token": session.id_token,
            "token_type": "Bearer",
            "username": session.username,
            "expires_in": utc(session.expires_at),
        },
    }


def insurer_received(transaction: str, received_at: datetime, message: str) -> dict[str, object]:
    """Answer a submit call whose original is kept."""
    return {
        "maKetQua": "200",
        "maGiaoDich": transaction,
        "thoiGianTiepNhan": stamp(received_at),
        "thongDiep": message,
    }


def insurer_fault(fault: GatewayFault, now: datetime) -> HttpResponse:
    """Answer a fault in the four keys.

    A fault of the content is HTTP 200 with its ``maKetQua``, because the insurer answers so and clients read the body; a fault of
    the session, the right, the size or the pace has its HTTP status too, because tools on the way act on it.
    """
    text = fault.fault.value
    document = {
        "maKetQua": text.code,
        "maGiaoDich": fault.transaction,
        "thoiGianTiepNhan": stamp(now),
        "thongDiep": sentence(fault),
    }
    status = 200 if text.status == CONTENT else text.status
    return as_json(document, status=status, headers=waiting(fault))


# --- the Hà Nội axis (section 4), camelCase


def axis_session(session: Session) -> dict[str, object]:
    """Answer the axis's sign-in."""
    return {
        "maKetQua": True,
        "apiKey": {
            "accessToken": session.access_token,
            "idToken": session.id_token,
            "tokenType": "Bearer",
            "username": session.username,
            "expiresIn": utc(session.expires_at),
        },
    }


def axis_session_fault(fault: GatewayFault) -> HttpResponse:
    """Answer a failed sign-in of the axis."""
    document = {"maKetQua": False, "apiKey": None, "thongDiep": sentence(fault)}
    return as_json(document, status=fault.fault.value.status, headers=waiting(fault))


def axis_fault(fault: GatewayFault) -> HttpResponse:
    """Answer a call of the axis that failed as a whole."""
    text = fault.fault.value
    document = {"maKetQua": text.code, "totalSuccess": 0, "totalFailed": 0, "fileResults": [], "thongDiep": sentence(fault)}
    return as_json(document, status=200 if text.status == CONTENT else text.status, headers=waiting(fault))


# --- the Điện Biên portal (section 4)


def portal_session(session: Session) -> dict[str, object]:
    """Answer the portal's token call; the key's name differs between its document and its client, so both are given."""
    return {
        "access_token": session.access_token,
        "token": session.access_token,
        "token_type": "Bearer",
        "expires_in": int((session.expires_at - clock.now()).total_seconds()),
        "username": session.username,
    }


def portal_fault(fault: GatewayFault) -> HttpResponse:
    """Answer a fault of the portal: 201 with trangThai 2 for content, the status itself otherwise."""
    status = fault.fault.value.status
    document = {"trangThai": 2, "maGiaoDich": fault.transaction, "thongDiep": sentence(fault)}
    return as_json(document, status=201 if status == CONTENT else status, headers=waiting(fault))


# --- the plain shape


def plain_fault(fault: GatewayFault) -> HttpResponse:
    """Answer a fault of the plain addresses."""
    text = fault.fault.value
    document = {
        "error": fault.fault.name.lower().replace("_", "-"),
        "message": sentence(fault),
        "message_en": text.en,
        "transaction": fault.transaction or None,
    }
    return as_json(document, status=text.status, headers=waiting(fault))
