"""The ids under which things are kept: 64-bit hashes of the client's own, which may be any text."""

from __future__ import annotations

_PRIME = 2**63 - 25  # the largest prime that fits SQLite's signed 64-bit integer

MAIN_THREAD = 0
"""In the place of a subagent's hash."""


def id_hash(text: str) -> int:
    """Hash the id of a message, request, tool call or subagent to 64 bits.

    The id's bytes as one number, modulo a prime: one division in C, where a digest would cost a hook
    a shared library. Collisions: ids are random, so two among ten million share a hash with a chance
    below one in a hundred thousand; they would then be merged as one response (a lower total, never
    a higher one).
    """
    return int.from_bytes(text.encode("utf-8", "surrogatepass"), "big") % _PRIME


def bytes_hash(data: bytes) -> int:
    """Hash bytes as `id_hash` does."""
    return int.from_bytes(data, "big") % _PRIME


def thread_hash(subagent: str) -> int:
    """Hash a subagent's id; `MAIN_THREAD` for an empty one."""
    return id_hash(subagent) if subagent else MAIN_THREAD


def telemetry_id(request: int) -> int:
    """Id of the row of a call that only telemetry reported, by the hash of its request's id."""
    return id_hash(f"request:{request}")


def background_id(session: int, state: int, model: str) -> int:
    """Id of the row of what a state of the client's totals counted of a model beyond what was shown."""
    return id_hash(f"background:{session}:{state}:{model}")


def file_id(salt: str, path: str) -> int:
    """Id of a transcript, which hides where it is: its path has session, subagent and folder."""
    return id_hash(salt + path)


def subagent_of(agent: str, file_subagent: str, *, is_sidechain: bool) -> str:
    """The id of the subagent whose line it is, empty for the main thread's.

    `agent` is what the line says, `file_subagent` what its file's name says.
    """
    # Older releases kept subagents in the session's own file, unnamed.
    return agent or file_subagent or ("sidechain" if is_sidechain else "")


def billed_session(request_session: str, session: str) -> str:
    """The session that a response was billed to.

    A fork's file copies lines of its parent, which say in `request_session` that they are the parent's.
    """
    return request_session or session
