"""A transcript line as the fields that count, decoded straight into slots.

What a line holds besides is passed over without becoming Python objects: 0.25 s for 223 MB, where
decoding whole lines takes 1.1 s. A field of another type than is written here makes `decode` refuse
the line, and the caller gives it to the one that asks each field what it is.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, MsgspecError, Struct
from msgspec.json import Decoder

from usage_dashboard.runtime.json_fields import MOST

Count = Annotated[int, Meta(ge=0, le=MOST)]


class Split(Struct, gc=False):
    """How long cache writes are kept."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class Details(Struct, gc=False):
    """What the output was."""

    thinking_tokens: Count | None = None


class ServerTools(Struct, gc=False):
    """What the service did besides."""

    web_search_requests: Count | None = None


class Iteration(Struct, gc=False):
    """One of several rounds of a response."""

    type: str | None = None
    input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None


class UsageFields(Struct, gc=False):
    """What a response was billed."""

    input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    output_tokens: Count | None = None
    output_tokens_details: Details | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    cache_creation: Split | None = None
    inference_geo: str | None = None
    iterations: list[Iteration] | None = None
    speed: str | None = None


class Block(Struct, gc=False):
    """A content block; `input` and `content` are whatever a tool was given and gave."""

    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    data: str | None = None
    id: str | None = None
    name: str | None = None
    input: object = None
    tool_use_id: str | None = None
    is_error: bool | None = None
    content: object = None


class Message(Struct, gc=False):
    """A message of the Messages API."""

    id: str | None = None
    model: str | None = None
    content: list[Block] | str | None = None
    stop_reason: str | None = None
    usage: UsageFields | None = None


class Parameters(Struct, gc=False):
    """What was asked for."""

    model: str | None = None


class Line(Struct, gc=False):
    """One line. The fields are in the order in which the client writes them, which is decoded faster."""

    isSidechain: bool | None = None  # noqa: N815 - the client's own names, here and below
    message: Message | None = None
    apiBlockIndex: int | None = None  # noqa: N815
    requestSessionId: str | None = None  # noqa: N815
    requestId: str | None = None  # noqa: N815
    requestRef: str | None = None  # noqa: N815
    requestedModel: str | None = None  # noqa: N815
    attributionAgent: str | None = None  # noqa: N815
    attributionSkill: str | None = None  # noqa: N815
    attributionPlugin: str | None = None  # noqa: N815
    attributionMcpServer: str | None = None  # noqa: N815
    isAbortedMidStream: bool | None = None  # noqa: N815
    apiError: str | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    turnCompanion: bool | None = None  # noqa: N815
    type: str | None = None
    subtype: str | None = None
    uuid: str | None = None
    entrypoint: str | None = None
    cwd: str | None = None
    sessionId: str | None = None  # noqa: N815
    agentId: str | None = None  # noqa: N815
    id: str | None = None
    timestamp: str | None = None
    params: Parameters | None = None


MOST_BLANK = 16
_decoder = Decoder(Line)
_REFUSED = (MsgspecError, UnicodeDecodeError, RecursionError)
ODD = Line(type="odd")
"""In the place of a line that is not what it seems."""


def decoded(data: bytes) -> list[Line]:
    """The lines of `data` that are not blank; `ODD` for each that is not a single record of known fields."""
    try:
        lines = _decoder.decode_lines(data)
    except _REFUSED:
        lines = []
    # Two records on one line are two for the decoder.
    if len(lines) != _count_lines(data):
        lines = [_decoded(line) for line in data.split(b"\n") if line.strip()]
    return lines


def _count_lines(data: bytes) -> int:
    """How many lines are not blank: `count` and `split` go through a long line byte by byte."""
    count, begin = 0, 0
    while (end := data.find(b"\n", begin)) >= 0:
        # Seldom is a line so short, and a longer one is not blank.
        count += end - begin > MOST_BLANK or bool(data[begin:end].strip())
        begin = end + 1
    return count + bool(data[begin:].strip())


def _decoded(line: bytes) -> Line:
    try:
        return _decoder.decode(line)
    except _REFUSED:
        return ODD
