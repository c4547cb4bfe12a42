"""A corpus of made-up transcripts whose totals are known exactly (`truth.json`).

The same size, date and seed give the same bytes. Traps in it: early lines of a message with partial
output counts, forked sessions that replay other files' messages, a nested `usage` in the results of
Agent, quoted `\\"usage\\"`, `<synthetic>` lines, messages without a request id or without a split of
their cache writes, and calls that only the client's own totals know.

    python research/benchmarks/corpus.py --size small --date 2026-11-29 FOLDER
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import lines
import thread
from thread import KINDS, BilledSums, Thread

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY_MS = 86_400_000
SPAN_DAYS = 80
"""How long before the date the first session may begin: less than the ledger's retention of 90 days."""

EXCHANGES_A_TURN = 10
PROJECTS = (b"shop", b"ledger", b"website", b"compiler", b"notes", b"game", b"api", b"infra")
MODELS = (
    b"claude-opus-5-5",
    b"claude-opus-5-5",
    b"claude-sonnet-5-5",
    b"claude-opus-4-8",
    b"claude-fable-5-2",
)
AGENT_MODELS = (b"claude-haiku-5-5", b"claude-sonnet-5-5", b"claude-opus-5-5")


@dataclass(frozen=True)
class Size:
    """How much there is: files (sessions' own and subagents'), sessions, forks among them, messages.

    `plain` ones have one short line for each message: what fills a ledger and takes little room.
    """

    files: int
    sessions: int
    forks: int
    messages: int
    plain: bool = False


SIZES = {
    "tiny": Size(8, 3, 1, 120),  # for tests
    "small": Size(75, 9, 1, 2_605),
    "medium": Size(667, 43, 4, 27_790),
    "large": Size(3_041, 273, 24, 124_329),
    "20k": Size(40, 40, 0, 20_000, plain=True),
    "1m": Size(2_000, 2_000, 0, 1_000_000, plain=True),
}


@dataclass
class Truth:
    """What is in the corpus, every message counted once."""

    bytes: int = 0
    lines: int = 0
    files: int = 0
    sessions: int = 0
    forks: int = 0
    messages: int = 0
    tool_calls: int = 0
    failed: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    background: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))


@dataclass
class PlannedSession:
    """A session to be written: its place in the plan, and what its threads hold."""

    number: int
    parent: PlannedSession | None
    name: bytes
    project: bytes
    modern: bool
    messages: list[int]
    """Of the main thread, then of each subagent."""

    began_ms: int = 0
    ended_ms: int = 0

    @property
    def path(self) -> str:
        """Where its own transcript lies below `projects/`."""
        return f"-home-dev-{self.project.decode()}/{self.name.decode()}.jsonl"


class Corpus:
    """Writes one corpus into a folder, file by file; no more than one session is held in memory."""

    def __init__(self, folder: Path, size: Size, end: date, seed: int) -> None:
        self.folder = folder
        self.size = size
        self.end_ms = int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp()) * 1000
        self.draw = Random(f"{seed}:{size}")
        self.truth = Truth()

    def write(self) -> Truth:
        """Write everything; what is in it."""
        for session in self._plan():
            billed = BilledSums()
            self._write_session(session, billed)
            for kind in KINDS:
                self.truth.tokens[kind] += billed.kinds[kind]
            self.truth.messages += billed.messages
            self.truth.tool_calls += billed.tool_calls
            self.truth.failed += billed.failed
            self.truth.sessions += 1
            self.truth.forks += session.parent is not None
        return self.truth

    def _plan(self) -> Iterator[PlannedSession]:
        """Every session, a fork after the one that it was made from."""
        size, draw = self.size, self.draw
        subagents = _shares(size.files - size.sessions, [draw.random() ** 2 for _ in range(size.sessions)])
        files = [number for number in range(size.sessions) for _ in range(1 + subagents[number])]
        weights = [
            (6 if i == 0 or files[i - 1] != number else 1) * (0.2 + draw.random())
            for i, number in enumerate(files)
        ]
        shares = _shares(size.messages, weights)
        every = size.sessions // size.forks if size.forks else size.sessions + 1
        before: PlannedSession | None = None
        for number in range(size.sessions):
            fork = number % every == every - 1
            session = PlannedSession(
                number=number,
                parent=before if fork else None,
                name=thread.new_uuid(draw),
                project=before.project if fork and before else PROJECTS[draw.randrange(len(PROJECTS))],
                modern=before.modern if fork and before else number % 2 == 0 and not size.plain,
                messages=[share for share, file in zip(shares, files, strict=True) if file == number],
            )
            lasts = min(SPAN_DAYS * DAY_MS // 4, session.messages[0] * 24_000 + 60_000)
            start = draw.random() * (SPAN_DAYS * DAY_MS - lasts)
            session.ended_ms = self.end_ms - int(start) - 1000
            session.began_ms = session.ended_ms - lasts
            yield session
            before = session

    def _write_session(self, session: PlannedSession, billed: BilledSums) -> None:
        draw = Random(f"{self.draw.getrandbits(64)}")
        model = MODELS[draw.randrange(len(MODELS))]
        for messages in session.messages[1:]:
            agent = b"a%016x" % draw.getrandbits(64)
            sub = self._thread(session, billed, draw, AGENT_MODELS[draw.randrange(3)], messages, agent)
            path = f"{session.path.removesuffix('.jsonl')}/subagents/agent-{agent.decode()}.jsonl"
            self._write_file(path, _conversation(sub, messages), sub)
        main = self._thread(session, billed, draw, model, session.messages[0], b"")
        own = _conversation(main, session.messages[0])
        if session.parent is not None:
            own = self._forked(session, session.parent, own)
        elif session.modern:
            own = self._closed(session, main, own)
        self._write_file(session.path, own, main)

    def _thread(
        self,
        session: PlannedSession,
        billed: BilledSums,
        draw: Random,
        model: bytes,
        messages: int,
        agent: bytes,
    ) -> Thread:
        lasts = session.ended_ms - session.began_ms - 10_000
        step = min(5000 if agent else 6000, lasts / (messages * 10 + 10))
        begins = session.began_ms + int((lasts - step * (messages * 10 + 10)) * draw.random() * bool(agent))
        return Thread(
            draw=draw,
            session=session.name,
            agent=agent,
            folder=b"/home/dev/" + session.project,
            model=model,
            modern=session.modern,
            split=session.modern or session.number % 4 == 1,
            plain=self.size.plain,
            at_ms=begins,
            step_ms=step,
            billed=billed,
        )

    def _forked(
        self, session: PlannedSession, parent: PlannedSession, own: Iterator[bytes]
    ) -> Iterator[bytes]:
        """The first part of the parent's lines as a fork copies them, then its `own`."""
        path = self.folder / "projects" / parent.path
        most = int(path.stat().st_size * (0.2 + 0.4 * self.draw.random()))
        billed = b'"requestSessionId":"%b","requestId":' % parent.name
        copied = 0
        with path.open("rb") as file:
            for line in file:
                copied += len(line)
                if copied > most:
                    break
                line = line.replace(b'"sessionId":"%b"' % parent.name, b'"sessionId":"%b"' % session.name)
                yield line.replace(b'"requestId":', billed) if parent.modern else line
        yield from own

    def _closed(self, session: PlannedSession, main: Thread, own: Iterator[bytes]) -> Iterator[bytes]:
        """A session's `own` lines and the client's totals, with a call that no line shows in every other."""
        yield from own
        main.at_ms = session.ended_ms  # the main thread outlives its subagents
        yield lines.remark(main)
        hidden = None
        if session.number % 4 == 0 and main.model in main.billed.models:
            hidden = lines.hidden_call(main.draw)
            for kind in KINDS:
                self.truth.background[kind] += getattr(hidden, kind)
        yield lines.cost_state(main, session.began_ms, hidden)

    def _write_file(self, name: str, content: Iterator[bytes], writer: Thread) -> None:
        path = self.folder / "projects" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb", buffering=1 << 20) as file:
            for line in content:
                self.truth.lines += 1
                file.write(line)
        self.truth.files += 1
        self.truth.bytes += path.stat().st_size
        os.utime(path, (writer.at_ms / 1000, writer.at_ms / 1000))


def build(folder: Path, size: str, end: date, seed: int = 1) -> Path:
    """The corpus of that size below `folder`, made unless it is there unchanged; its Claude Code folder."""
    root = folder / f"{size}-{end.isoformat()}-{seed}-{recipe()}"
    truth = root / "truth.json"
    if truth.exists() and _size_of(root / "projects") == json.loads(truth.read_text())["bytes"]:
        return root
    for stale in folder.glob(f"{size}-*"):
        shutil.rmtree(stale)
    found = Corpus(root, SIZES[size], end, seed).write()
    truth.write_text(json.dumps(vars(found), indent=1) + "\n")
    return root


def _conversation(talk: Thread, messages: int) -> Iterator[bytes]:
    """Prompts and replies, until `messages` were billed."""
    for number in range(messages):
        if number % EXCHANGES_A_TURN == 0 and not talk.plain:
            yield lines.prompt(talk)
        last = talk.plain or number % EXCHANGES_A_TURN == EXCHANGES_A_TURN - 1 or number == messages - 1
        yield from lines.exchange(talk, last=last)
        chance = talk.draw.random()
        if chance < 0.01:
            yield lines.synthetic(talk)
        elif chance < 0.03:
            yield lines.remark(talk)


def _shares(total: int, weights: list[float]) -> list[int]:
    """`total` in whole parts by weight, none of them without its part of the sum."""
    left, whole, found = total, sum(weights), []
    for weight in weights:
        part = round(left * weight / whole) if whole else 0
        found.append(part)
        left, whole = left - part, whole - weight
    return found


def recipe() -> str:
    """A few digits that change when the generator does, so that no stale corpus is measured."""
    sources = (Path(__file__), Path(lines.__file__), Path(thread.__file__))
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:8]


def _size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*.jsonl"))


def main() -> None:
    """Write one corpus and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", choices=list(SIZES), default="small")
    parser.add_argument("--date", type=date.fromisoformat, required=True, help="the day at which it ends")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    root = build(given.folder, given.size, given.date, given.seed)
    print(root)
    print((root / "truth.json").read_text(), end="")


if __name__ == "__main__":
    main()
