"""A picture's type is what its bytes are, whatever its name and its MIME type say."""

import base64

import pytest

from engine.apis.picture import picture_url, type_of_picture, with_true_type

HEADS = {
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "image/bmp": b"BM\x46\0\0\0\0\0\0\0",
    "image/tiff": b"II*\0",
    "image/avif": b"\0\0\0\x1cftypavif",
    "image/heic": b"\0\0\0\x18ftypheic",
    "image/heif": b"\0\0\0\x18ftypmif1",
    "image/x-icon": b"\0\0\1\0",
    "image/svg+xml": b'<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg">',
}


def in_base64(head: bytes) -> str:
    return base64.b64encode(head + b"0" * 600).decode()


@pytest.mark.parametrize(("media_type", "head"), HEADS.items())
@pytest.mark.parametrize("told", ["application/octet-stream", "image/jpg", "image/png", ""])
def test_bytes_tell(media_type: str, head: bytes, told: str) -> None:
    data = in_base64(head)
    assert type_of_picture(head) == media_type
    assert picture_url(data, told) == f"data:{media_type};base64,{data}"
    assert with_true_type(f"data:{told};base64,{data}") == f"data:{media_type};base64,{data}"


@pytest.mark.parametrize("head", [b"RIFF\x10\0\0\0WAVE", b"%PDF-1.7", b"BMW", b"", b"\xff\xd8"])
def test_nothing_is_taken_for_a_picture_that_is_none(head: bytes) -> None:
    assert type_of_picture(head) is None


@pytest.mark.parametrize(
    ("told", "ending", "media_type"),
    [
        ("image/jpg", "", "image/jpeg"),
        ("application/jpeg", "", "image/jpeg"),
        ("image/x-png", "", "image/png"),
        ("application/octet-stream", ".JPG", "image/jpeg"),
        ("image/*", "webp", "image/webp"),
        ("image/jxl", "", "image/jxl"),
        ("application/octet-stream", "", "application/octet-stream"),
    ],
)
def test_what_was_told_counts_where_the_bytes_say_nothing(
    told: str, ending: str, media_type: str
) -> None:
    assert picture_url("QUJD", told, ending) == f"data:{media_type};base64,QUJD"


def test_line_ends_within_base64_are_left_out() -> None:
    data = in_base64(HEADS["image/png"])
    wrapped = "\r\n".join([data[:76], data[76:152], data[152:]])
    assert picture_url(wrapped, "image/jpeg") == f"data:image/png;base64,{data}"


def test_data_that_is_a_data_url_already_does_not_become_one_twice() -> None:
    data = in_base64(HEADS["image/png"])
    url = f"data:image/png;base64,{data}"
    assert picture_url(f"data:image/jpeg;base64,{data}", "image/jpeg") == url


@pytest.mark.parametrize("url", ["https://example.com/a.jpg", "data:image/png,plain", ""])
def test_an_address_stays_as_it_is(url: str) -> None:
    assert with_true_type(url) == url
