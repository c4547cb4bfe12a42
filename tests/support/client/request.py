"""One request of the client, read the way a script wants to see it."""

from __future__ import annotations

from typing import Any

# Words by which the client's own helper calls are known: in the system prompt, and in the last message.
_BY_SYSTEM = (
    ("hook_prompt", "You are evaluating a"),
    ("hook_agent", "You are verifying a"),
)
_BY_LAST = (
    ("compact", "Your task is to create a detailed summary of"),
    ("suggestion", "[SUGGESTION MODE"),
    ("side_question", "This is a side question"),
    ("web_search", "Perform a web search for the query"),
    ("web_fetch", "Web page content:"),
)


class Request:
    """The body and headers of one `POST /v1/messages`."""

    def __init__(self, body: dict[str, Any], headers: dict[str, str]) -> None:
        self.body = body
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.model: str = body.get("model", "")
        self.stream = bool(body.get("stream"))
        self.messages: list[dict[str, Any]] = body.get("messages", [])
        self.agent_id: str | None = self.headers.get("x-claude-code-agent-id")
        self.session_id: str = self.headers.get("x-claude-code-session-id", "")

    @property
    def tools(self) -> set[str]:
        """Names of the tools that the request offers."""
        return {tool.get("name", "") for tool in self.body.get("tools", [])}

    @property
    def system(self) -> str:
        """The system prompt as one text."""
        return _text(self.body.get("system", ""))

    @property
    def last(self) -> str:
        """The text of the last user message (the client may put system messages behind it)."""
        return _text(self._last_user())

    @property
    def task(self) -> str:
        """The text of the first user message: a fresh subagent finds its task there."""
        return _text(next((m["content"] for m in self.messages if m["role"] == "user"), ""))

    @property
    def results(self) -> list[dict[str, Any]]:
        """The `tool_result` blocks of the last user message."""
        content = self._last_user()
        if isinstance(content, str):
            return []
        return [block for block in content if block.get("type") == "tool_result"]

    @property
    def result_text(self) -> str:
        """The text of those results."""
        return "\n".join(_text(block.get("content", "")) for block in self.results)

    @property
    def purpose(self) -> str:
        """Our guess at what the call is for: `main`, `agent` or the name of a helper call."""
        for known, text in ((_BY_SYSTEM, self.system), (_BY_LAST, self.last)):
            for name, words in known:
                if words in text:
                    return name
        if self.agent_id is not None:
            return "agent"
        return "main" if "Bash" in self.tools else "helper"

    def _last_user(self) -> Any:
        users = [m["content"] for m in self.messages if m["role"] == "user"]
        return users[-1] if users else ""


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content if block.get("type") == "text")
