"""A thread of a made-up session: what it wrote, and what it still waits for."""

from __future__ import annotations

from tests.support.transcripts import Line


class Thread:
    """A session's own thread or a subagent's.

    `lines` are what it wrote, `last` those of its last reply, `tools` the calls that have no result yet.
    `hands` tells whether a result waits for the next request, `took` whether one did when a fork began here,
    `odd` whether a line has no time that can be read.
    """

    def __init__(self, session: str, agent: str = "", *, sidechain: bool = False) -> None:
        self.session = session
        self.agent = agent
        self.sidechain = sidechain
        self.place = f"{session}/subagents/agent-{agent}.jsonl" if agent else f"{session}.jsonl"
        self.who: Line = {"sessionId": session}
        if agent:
            self.who |= {"isSidechain": True, "agentId": agent}
        if sidechain:
            self.who |= {"isSidechain": True}
        self.lines: list[Line] = []
        self.last: list[Line] = []
        self.tools: list[str] = []
        self.hands = self.took = self.odd = False

    @property
    def main(self) -> bool:
        """Whether it is its session's own, and can be copied."""
        return not (self.agent or self.sidechain)
