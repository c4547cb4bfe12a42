"""A conversation that is being written: its ids, its clock, its words, and what it was billed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

FOLDER = b"/home/dev/shop"

CELL = 64
_CELLS = (
    b"the ledger keeps counts and nothing else, a reader sees no words",
    b"def settle(self, rows):\\n    return [row for row in rows if row]",
    b"- one line per content block, each with the message's own usage",
    b'{\\"usage\\":{\\"input_tokens\\":999,\\"output_tokens\\":99999}} says ',
    b"src/shop/cart.py:41: AssertionError: wanted 3 items, found 2\\n",
    "naïve café, façade, 日本語 and ✓ marks beyond ASCII".encode(),
    b'\\"type\\":\\"assistant\\" quoted from a log and not a reply\\n',
    b"    for name, value in sorted(found.items()):\\n        yield n\\n",
)
POOL = b"".join(cell.ljust(CELL) for cell in _CELLS) * 2048
LENGTHS = ((0.62, 1, 4), (0.87, 4, 26), (0.965, 26, 90), (0.993, 90, 280), (1.0, 280, 640))
"""How long a text is: (up to this part of all, from, below) in cells of 64 bytes."""

KINDS = ("input", "output", "cache_creation", "cache_1h", "cache_read", "thinking", "searches")


@dataclass(slots=True)
class BilledUsage:
    """What one message was billed, by kind, as the truth counts it."""

    input: int
    output: int
    cache_creation: int
    cache_1h: int
    cache_read: int
    thinking: int
    searches: int

    def object(self, thread: Thread, output: int) -> bytes:
        """The `usage` object of a line that shows `output` tokens so far."""
        if not thread.modern:
            split = b'"cache_creation":{"ephemeral_5m_input_tokens":%d,"ephemeral_1h_input_tokens":%d},'
            shown = split % (self.cache_creation - self.cache_1h, self.cache_1h) if thread.split else b""
            return (
                b'{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,%b'
                b'"output_tokens":%d,"service_tier":"standard"}'
            ) % (self.input, self.cache_creation, self.cache_read, shown, output)
        return (
            b'{"input_tokens":%d,"cache_creation_input_tokens":%d,"cache_read_input_tokens":%d,'
            b'"output_tokens":%d,"output_tokens_details":{"thinking_tokens":%d},'
            b'"server_tool_use":{"web_search_requests":%d,"web_fetch_requests":0},'
            b'"service_tier":"standard","cache_creation":{"ephemeral_1h_input_tokens":%d,'
            b'"ephemeral_5m_input_tokens":%d},"inference_geo":"not_available","iterations":[],'
            b'"speed":"standard","fallback_credit":null}'
        ) % (
            self.input, self.cache_creation, self.cache_read, output, self.thinking, self.searches,
            self.cache_1h, self.cache_creation - self.cache_1h,
        )  # fmt: skip


@dataclass(slots=True)
class Thread:
    """A conversation that is being written: its ids, its random numbers, and its clock.

    `plain` makes every message one short line. `split` means that cache writes are split by their
    lifetime. `at_ms` moves by about `step_ms` with each line. `billed` adds up what its messages were billed.
    """

    draw: Random
    session: bytes
    agent: bytes
    folder: bytes
    model: bytes
    modern: bool
    split: bool
    plain: bool
    at_ms: int
    step_ms: float
    billed: BilledSums

    def uuid(self) -> bytes:
        """An id that no other line has."""
        return new_uuid(self.draw)

    def stamp(self) -> bytes:
        """The next moment, as the client writes it."""
        self.at_ms += int(self.step_ms * self.draw.random() * 2)
        return stamp(self.at_ms)

    def text(self) -> bytes:
        """Escaped text of a length that is mostly short and sometimes very long."""
        if self.plain:
            return POOL[:CELL]
        chance = self.draw.random()
        least, below = next((least, below) for part, least, below in LENGTHS if chance < part)
        cells = least + int(self.draw.random() * (below - least))
        start = int(self.draw.random() * (len(POOL) // CELL - cells)) * CELL
        return POOL[start : start + cells * CELL]

    def tail(self) -> bytes:
        """How every line ends."""
        return b'"userType":"external","entrypoint":"cli","cwd":"%b","sessionId":"%b","version":"%b",' % (
            self.folder, self.session, b"2.1.330" if self.modern else b"2.0.14",
        ) + b'"gitBranch":"main"}\n'  # fmt: skip

    def head(self) -> bytes:
        """How every line of a conversation begins."""
        agent = b'"agentId":"%b",' % self.agent if self.agent else b""
        return b'{"parentUuid":"%b","isSidechain":%b,%b' % (
            self.uuid(), b"true" if self.agent else b"false", agent,
        )  # fmt: skip


@dataclass(slots=True)
class BilledSums:
    """Sums over messages: by kind, and of the session by model, and how many there were."""

    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    models: dict[bytes, dict[str, int]] = field(default_factory=dict)
    messages: int = 0
    tool_calls: int = 0
    failed: int = 0

    def add(self, model: bytes, usage: BilledUsage) -> None:
        """Count one message."""
        self.messages += 1
        of_model = self.models.setdefault(model, dict.fromkeys(KINDS, 0))
        for kind in KINDS:
            amount = getattr(usage, kind)
            self.kinds[kind] += amount
            of_model[kind] += amount


def resumed_thread(draw: Random, session: str, agent: str, at_ms: int) -> Thread:
    """A thread of the newest client that continues in short lines."""
    return Thread(
        draw=draw,
        session=session.encode(),
        agent=agent.encode(),
        folder=FOLDER,
        model=b"claude-opus-5-5",
        modern=True,
        split=True,
        plain=True,
        at_ms=at_ms,
        step_ms=5,
        billed=BilledSums(),
    )


def stamp(at_ms: int) -> bytes:
    """`2026-11-22T10:00:00.000Z` of milliseconds since 1970."""
    days, rest = divmod(at_ms, 86_400_000)
    return b"%bT%02d:%02d:%02d.%03dZ" % (
        _date(days), rest // 3_600_000, rest // 60_000 % 60, rest // 1000 % 60, rest % 1000,
    )  # fmt: skip


def new_uuid(draw: Random) -> bytes:
    """An id as the client makes them."""
    digits = b"%032x" % draw.getrandbits(128)
    return b"-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


@cache
def _date(days: int) -> bytes:
    return (date(1970, 1, 1) + timedelta(days)).isoformat().encode()
