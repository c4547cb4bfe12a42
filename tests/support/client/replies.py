"""A script for the fake API as lists of replies: one for the main thread, one for each agent."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tests.support.client.sse import Reply, say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.support.client.request import Request

    Answer = Reply | Callable[[Request], Reply]


class Plan:
    """Hands out the scripted replies in order, and a plain `Done.` when a list has run out.

    Running out is what bounds a session: whatever the client asks next, it is told to use no tool.
    `agents` is keyed by words of the agent's task, `helpers` by the purpose of a helper call. A reply that
    depends on what the client sent is given as a function of the request.
    """

    def __init__(
        self,
        main: Iterable[Answer] = (),
        *,
        agents: Mapping[str, Iterable[Answer]] | None = None,
        helpers: Mapping[str, Iterable[Answer]] | None = None,
    ) -> None:
        self._main = deque(main)
        self._agents = {words: deque(replies) for words, replies in (agents or {}).items()}
        self._helpers = {purpose: deque(replies) for purpose, replies in (helpers or {}).items()}

    def __call__(self, request: Request) -> Reply:
        """The next reply for whoever asks."""
        queue = self._queue(request)
        if queue:
            answer = queue.popleft()
            return answer if isinstance(answer, Reply) else answer(request)
        # Without the tag the client takes the summary for a failure and asks again.
        return say("<summary>Done.</summary>" if request.purpose == "compact" else "Done.")

    def _queue(self, request: Request) -> deque[Answer] | None:
        purpose = request.purpose
        if purpose == "main":
            return self._main
        if purpose == "agent":
            return next((queue for words, queue in self._agents.items() if words in request.task), None)
        return self._helpers.get(purpose)
