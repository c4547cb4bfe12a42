"""The body of an HTTP request, read within limits, or refused with a status.

No status here makes an OTLP exporter try again (429, 502, 503, 504): a client that does would wait for us
when it ends (measured: two seconds).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from email.message import Message
    from io import BufferedIOBase

MOST_BYTES = 4 * 1024 * 1024
"""The limit for a body, packed and unpacked; the largest that a client was seen to send had 40 KB."""

_MOST_LINE = 1024
_MOST_TRAILERS = 32
_GZIP = 16 + zlib.MAX_WBITS
_HEX = frozenset(b"0123456789abcdefABCDEF")


class RefusedBody(Exception):  # noqa: N818 - the fault log shows its name
    """A request that is answered with `status` and otherwise ignored."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read_body(headers: Message, stream: BufferedIOBase) -> bytes:
    """Read the body that `headers` announce, as it was sent.

    Raises:
        RefusedBody: it has no length or two, is too long, or shorter than announced.
    """
    if headers.get_content_type() != "application/json" or "content-type" not in headers:
        raise RefusedBody(415)
    lengths = headers.get_all("content-length", [])
    coding = headers.get("transfer-encoding")
    if coding is not None:
        if lengths or coding.strip().lower() != "chunked":
            raise RefusedBody(400)
        return _read_chunks(stream)
    if not lengths:
        raise RefusedBody(411)
    return _read_exactly(stream, _parse_length(lengths))


def unpack_body(headers: Message, data: bytes) -> bytes:
    """Unpack `data` if it is compressed.

    Raises:
        RefusedBody: it unpacks to too much, is cut or damaged, or is packed with anything but gzip.
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


def _parse_length(values: list[str]) -> int:
    text = values[0].strip()
    if len(values) > 1 or not text.isascii() or not text.isdigit():
        raise RefusedBody(400)
    if len(text) > len(str(MOST_BYTES)) or int(text) > MOST_BYTES:
        raise RefusedBody(413)
    return int(text)


def _read_chunks(stream: BufferedIOBase) -> bytes:
    pieces: list[bytes] = []
    total = 0
    while size := _read_chunk_size(stream):
        total += size
        if total > MOST_BYTES:
            raise RefusedBody(413)
        pieces.append(_read_exactly(stream, size))
        if stream.readline(_MOST_LINE) not in (b"\r\n", b"\n"):
            raise RefusedBody(400)
    for _ in range(_MOST_TRAILERS):
        if stream.readline(_MOST_LINE) in (b"\r\n", b"\n", b""):
            return b"".join(pieces)
    raise RefusedBody(400)


def _read_chunk_size(stream: BufferedIOBase) -> int:
    line = stream.readline(_MOST_LINE)
    digits = line.partition(b";")[0].strip()
    if not line.endswith(b"\n") or not 0 < len(digits) <= 16 or not _HEX.issuperset(digits):
        raise RefusedBody(400)
    return int(digits, 16)


def _read_exactly(stream: BufferedIOBase, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise RefusedBody(400)
    return data
