"""The faults that are answered at once: one row each, which every shape and docs/gateway.md read."""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class FaultText:
    """How one fault is answered: HTTP status (plain shape), ``maKetQua`` and the sentence a hospital reads."""

    status: int
    code: str
    vi: str
    en: str


class Fault(Enum):
    """Why a message is not taken in. None of these texts carries anything of the message itself."""

    BAD_FORM = FaultText(400, "400", "Không đọc được biểu mẫu gửi lên. Kiểm tra Content-Type và nội dung.", "The form cannot be read.")
    CUT_SHORT = FaultText(400, "400", "Nội dung đến không đủ so với Content-Length. Hãy gửi lại.", "The body is shorter than announced.")
    SIGN_IN_WRONG = FaultText(
        401,
        "401",
        "Sai tên đăng nhập hoặc mật khẩu, hoặc tài khoản đã khóa.",
        "Wrong user name or password, or the account is disabled.",
    )
    NO_TOKEN = FaultText(401, "401", "Thiếu mã phiên (accessToken). Hãy lấy mã phiên trước khi gửi.", "The session token is missing.")
    EXPIRED = FaultText(401, "401", "Phiên làm việc đã hết hạn hoặc không đúng. Hãy lấy mã phiên mới.", "The session has ended.")
    WRONG_FACILITY = FaultText(
        403,
        "403",
        "Mã cơ sở trong biểu mẫu hoặc trong hồ sơ không phải của tài khoản này. Không hồ sơ nào được nhận.",
        "The facility code of the form or of the file is not this account's; nothing was taken in.",
    )
    NOT_FOUND = FaultText(404, "404", "Không có giao dịch này trong các giao dịch của cơ sở.", "The facility has no such transaction.")
    WRONG_METHOD = FaultText(405, "405", "Đường dẫn này chỉ nhận phương thức khác.", "Another method is needed here.")
    TOO_BIG = FaultText(
        413,
        "413",
        "Tệp lớn hơn mức cho phép. Hãy chia nhỏ: mỗi lần gửi một hoặc vài hồ sơ.",
        "The file is larger than allowed; send fewer claims in one call.",
    )
    NOT_XML = FaultText(422, "201", "Tệp không phải XML hợp lệ hoặc bị cắt cụt.", "The file is not well-formed XML, or is cut off.")
    NOT_BASE64 = FaultText(422, "202", "Nội dung fileHSBase64 không phải base64.", "The file's content is not base64.")
    NOT_ZIP = FaultText(422, "202", "Tệp nén bị hỏng, có mật khẩu hoặc không phải zip.", "The archive is damaged, encrypted or not a zip file.")
    WRONG_KIND = FaultText(
        422,
        "202",
        "Loại hồ sơ không khớp với đường dẫn hoặc loaiHoSo (0: check-in, 130: hồ sơ KCB, 12: giám định y khoa).",
        "The file's kind does not fit the address or loaiHoSo.",
    )
    REFUSED = FaultText(422, "202", "Cấu trúc tệp không đúng quy định nên không nhận được.", "The file's structure cannot be taken in.")
    EMPTY = FaultText(422, "204", "Không có nội dung hồ sơ trong lần gửi.", "There is no file in the call.")
    LOCKED = FaultText(
        429,
        "429",
        "Đăng nhập sai quá nhiều lần. Tạm khóa; hãy thử lại sau.",
        "Too many failed sign-ins; wait before trying again.",
    )
    TOO_FAST = FaultText(429, "429", "Gửi quá nhanh. Hãy đợi rồi gửi tiếp; không hồ sơ nào bị mất.", "Too many calls; wait and send again.")
    BROKEN = FaultText(
        500,
        "500",
        "Hệ thống nhận gặp lỗi; hồ sơ CHƯA được nhận. Hãy gửi lại sau.",
        "The receiver failed; the file was not taken in.",
    )
    UNAVAILABLE = FaultText(
        503,
        "503",
        "Hệ thống nhận tạm ngừng; hồ sơ CHƯA được nhận. Hãy gửi lại sau.",
        "The receiver is not ready; the file was not taken in.",
    )


class GatewayFault(Exception):
    """A fault on its way to the answer; ``wait`` seconds go into Retry-After."""

    def __init__(self, fault: Fault, *, wait: int = 0, transaction: str = "", detail: str = "") -> None:
        """Hold the fault; ``detail`` is a sentence for the sender, free of personal data."""
        super().__init__(fault.name)
        self.fault = fault
        self.wait = wait
        self.transaction = transaction
        self.detail = detail
