"""Bodies as real clients send them, and as nobody should."""

import base64
import io
from urllib.parse import urlencode

import orjson
import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from yba.gateway import body
from yba.gateway.faults import Fault, GatewayFault

XML = "<?xml version='1.0'?><GIAMDINHHS>ế</GIAMDINHHS>".encode()


@given(st.binary(min_size=1, max_size=400))
def test_base64_survives_a_form_that_lost_its_plus_signs(data):
    text = base64.b64encode(data).decode()
    assert body.unpack_base64(text) == data
    assert body.unpack_base64(text.replace("+", " ")) == data
    assert body.unpack_base64(text.rstrip("=")) == data


@given(st.binary(min_size=60, max_size=600), st.sampled_from(["\n", "\r\n", "\r\n    "]))
def test_wrapped_base64_is_read(data, end):
    text = base64.b64encode(data).decode().replace("+", "A").replace("/", "B")
    wrapped = end.join(text[place : place + 64] for place in range(0, len(text), 64))
    assert body.unpack_base64(wrapped) == base64.b64decode(text)


def test_a_bom_and_a_data_address_before_base64_are_dropped():
    text = base64.b64encode(XML).decode()
    assert body.unpack_base64("\ufeff" + text) == XML
    assert body.unpack_base64("data:text/xml;base64," + text) == XML


@pytest.mark.parametrize(
    ("text", "fault"), [("", Fault.EMPTY), ("  \n", Fault.EMPTY), ("<xml/>", Fault.NOT_BASE64), ("á", Fault.NOT_BASE64), ("A", Fault.NOT_BASE64)]
)
def test_what_is_not_base64_is_said_so(text, fault):
    with pytest.raises(GatewayFault) as raised:
        body.unpack_base64(text)
    assert raised.value.fault is fault


@given(st.text(max_size=300))
def test_no_text_breaks_the_decoder(text):
    try:
        body.unpack_base64(text)
    except GatewayFault as fault:
        assert fault.fault in {Fault.EMPTY, Fault.NOT_BASE64}  # noqa: PT017  # either is right; anything else is a crash


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", "", "text/plain"])
def test_a_form_is_read_whatever_the_client_calls_it(kind):
    posted = body.parse(kind, urlencode({"username": "01234_BV", "loaiHoSo": "130", "fileHSBase64": "a+b/=="}).encode())
    assert (posted.text("username"), posted.text("loaiHoSo"), posted.text("fileHSBase64"), posted.text("maTinh")) == ("01234_BV", "130", "a+b/==", "")


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_json_is_read_even_under_the_wrong_name_and_numbers_are_text(kind):
    posted = body.parse(kind, b"\xef\xbb\xbf" + orjson.dumps({"loaiHoSo": 130, "maTinh": "01", "files": ["x"]}))
    assert (posted.text("loaiHoSo"), posted.text("maTinh"), posted.text("files")) == ("130", "01", "")


def test_multipart_fields_and_files():
    request = RequestFactory().post("/", {"username": "u", "files": [io.BytesIO(XML), io.BytesIO(b"2")]})
    posted = body.parse(request.META["CONTENT_TYPE"], request.body)
    assert posted.text("username") == "u"
    assert [data for _, data in posted.files] == [XML, b"2"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/json", b"{"),
        ("application/json", b"[1]"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=a", b"--a\r\nx"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % place for place in range(100))),
    ],
)
def test_a_broken_form_is_a_bad_form_or_empty_never_a_crash(kind, data):
    try:
        posted = body.parse(kind, data)
    except GatewayFault as fault:
        assert fault.fault is Fault.BAD_FORM  # noqa: PT017
    else:
        assert not posted.files


def test_too_big_is_refused_by_its_announcement_before_a_byte_is_read():
    class Untouched:
        def read(self, _size):
            raise AssertionError("read")

    request = RequestFactory().post("/", b"", content_type="text/xml", CONTENT_LENGTH=str(10**9))
    request._stream = Untouched()
    with pytest.raises(GatewayFault) as raised:
        body.read_body(request, max_file=20 << 20)
    assert raised.value.fault is Fault.TOO_BIG


def test_too_big_is_refused_while_reading_where_nothing_was_announced():
    request = WSGIRequest({"REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(b"x" * (3 << 20))})
    with pytest.raises(GatewayFault) as raised:
        body.read_body(request, max_file=1 << 20)
    assert raised.value.fault is Fault.TOO_BIG


def test_a_body_that_stops_early_is_not_taken_for_the_whole():
    request = WSGIRequest({"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "8", "wsgi.input": io.BytesIO(b"half")})
    with pytest.raises(GatewayFault) as raised:
        body.read_body(request, max_file=1 << 20)
    assert raised.value.fault is Fault.CUT_SHORT
