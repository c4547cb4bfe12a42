"""The body of an HTTP request, read within limits, or refused with a status.

No status here is one on which an OTLP exporter would try again (429, 502, 503, 504): a client that is
told to would wait for us when it ends (measured: two seconds).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message
    from io import BufferedIOBase

MOST_BYTES = 4 * 1024 * 1024
"""Of a body, before and after it is unpacked; the largest that a client was seen to send had 40 KB."""

_MOST_LINE = 1024
_MOST_TRAILERS = 32
_GZIP = 16 + zlib.MAX_WBITS
_HEX = frozenset(b"0123456789abcdefABCDEF")


class RefusedBody(Exception):  # noqa: N818 - its name stands in the fault log
    """A request that is answered with `status` and otherwise left alone."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read(headers: Message, stream: BufferedIOBase) -> bytes:
    """The bytes of the body that `headers` announce, as they were sent.

    Raises:
        RefusedBody: they have no length or two, are too many, or fewer than announced.
    """
    if headers.get_content_type() != "application/json" or "content-type" not in headers:
        raise RefusedBody(415)
    lengths = headers.get_all("content-length", [])
    coding = headers.get("transfer-encoding")
    if coding is not None:
        if lengths or coding.strip().lower() != "chunked":
            raise RefusedBody(400)
        return _chunks(stream)
    if not lengths:
        raise RefusedBody(411)
    return _exactly(stream, _length(lengths))


def unpacked(headers: Message, data: bytes) -> bytes:
    """`data` without its compression.

    Raises:
        RefusedBody: it unpacks to too much, is cut or damaged, or packed in another way than gzip.
    """
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return data
    if encoding != "gzip":
        raise RefusedBody(415)
    unzip = zlib.decompressobj(_GZIP)
    try:
        plain = unzip.decompress(data, MOST_BYTES + 1)
    except zlib.error as error:
        raise RefusedBody(400) from error
    if len(plain) > MOST_BYTES:
        raise RefusedBody(413)
    if not unzip.eof or unzip.unused_data:
        raise RefusedBody(400)
    return plain


def _length(values: list[str]) -> int:
    text = values[0].strip()
    if len(values) > 1 or not text.isascii() or not text.isdigit():
        raise RefusedBody(400)
    if len(text) > len(str(MOST_BYTES)) or int(text) > MOST_BYTES:
        raise RefusedBody(413)
    return int(text)


def _chunks(stream: BufferedIOBase) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while size := _chunk_size(stream):
        total += size
        if total > MOST_BYTES:
            raise RefusedBody(413)
        pieces.append(_exactly(stream, size))
        if stream.readline(_MOST_LINE) not in (b"\r\n", b"\n"):
            raise RefusedBody(400)
    for _ in range(_MOST_TRAILERS):
        if stream.readline(_MOST_LINE) in (b"\r\n", b"\n", b""):
            return b"".join(pieces)
    raise RefusedBody(400)


def _chunk_size(stream: BufferedIOBase) -> int:
    line = stream.readline(_MOST_LINE)
    digits = line.partition(b";")[0].strip()
    if not line.endswith(b"\n") or not 0 < len(digits) <= 16 or not _HEX.issuperset(digits):
        raise RefusedBody(400)
    return int(digits, 16)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise RefusedBody(400)
    return data
