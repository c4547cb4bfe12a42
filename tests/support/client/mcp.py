"""A Model Context Protocol server over stdin and stdout with one tool, `greet`."""

from __future__ import annotations

import json
import sys
from typing import Any

_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of one request."""
    if method == "initialize":
        return {
            "protocolVersion": params.get("protocolVersion", "2025-06-18"),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "greeter", "version": "1"},
        }
    if method == "tools/list":
        return {"tools": [{"name": "greet", "description": "Greets", "inputSchema": _SCHEMA}]}
    if method == "tools/call":
        name = params.get("arguments", {}).get("name")
        text = f"Hello, {name}." if name else "Nobody to greet"
        return {"content": [{"type": "text", "text": text}], "isError": not name}
    return {}


def main() -> None:
    """Answer line by line until the client closes the pipe."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            result = answer(request["method"], request.get("params") or {})
            reply = {"jsonrpc": "2.0", "id": request["id"], "result": result}
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
