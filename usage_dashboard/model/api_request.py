"""One completed request to the API, as the client's telemetry counted it."""

from __future__ import annotations


class ApiRequest:
    """A completed request as the client counted it.

    Counts are tokens; `cache_creation` includes the part `cache_1h`. `request` is the hash of the
    request's id, by which a transcript's line is recognized as the same call. `source` says what the call
    was for (`repl_main_thread`, `compact`, …); `agent` and `subagent` are the name and the id of the agent
    that made it, empty for the main thread's. `cost_nusd` is the client's own estimate, web searches
    included, None if it sent none.
    """

    __slots__ = (
        "agent", "at_us", "cache_1h", "cache_creation", "cache_read", "cost_nusd", "input", "model", "output",
        "request", "session", "source", "speed", "subagent",
    )  # fmt: skip

    def __init__(self, request: int, session: str, model: str, at_us: int) -> None:
        self.request = request
        self.session = session
        self.model = model
        self.at_us = at_us
        self.source = self.agent = self.subagent = self.speed = ""
        self.input = self.output = self.cache_creation = self.cache_1h = self.cache_read = 0
        self.cost_nusd: int | None = None
