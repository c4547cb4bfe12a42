"""A hook reads its event without waiting for the end of its standard input, which some clients leave open."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from tests.support.hook_process import hook_command
from tests.support.hook_scene import Scene
from tests.support.ledger_rows import rows
from tests.support.transcripts import response, usage, write
from usage_dashboard.hook.edge import CHUNK_BYTES, read_input

SCRIPTS = ("alert", "counter", "statusline")
ENDS = (b"", b"\n", b" \r\n\t")


def output_with_input_left_open(name: str, data: bytes, **environ: str) -> bytes:
    """Run a hook that gets `data` through a pipe without an end; what it prints."""
    with subprocess.Popen(
        hook_command(name),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environ},
    ) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(data)
            process.stdin.flush()
            assert process.wait(timeout=30) == 0
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stderr.read() == b""
            return process.stdout.read()
        finally:
            process.kill()


@contextmanager
def pipe_with(data: bytes) -> Iterator[int]:
    """The reading end of a pipe that gets `data` and stays open."""
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb", closefd=False) as file:
            file.write(data)

    writer = Thread(target=write)
    writer.start()
    try:
        yield reading
        writer.join(30)
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.parametrize("end", ENDS)
def test_the_counter_records_an_event_of_an_open_pipe(project: Path, ledger: Path, end: bytes) -> None:
    path = write(project, response("m1", spent=usage(1, 2)))
    event = {"session_id": "s", "transcript_path": str(path), "hook_event_name": "Stop"}
    assert output_with_input_left_open("counter", json.dumps(event).encode() + end) == b""
    assert rows(ledger, "SELECT COUNT(*) FROM response") == [(1,)]


@pytest.mark.parametrize("end", ENDS)
def test_the_alert_answers_an_event_of_an_open_pipe(scene: Scene, end: bytes) -> None:
    scene.record_percentage(130, "spend_limit", resets_us=0)
    event = json.dumps(scene.event("UserPromptSubmit", prompt='{ " }')).encode()
    assert b"systemMessage" in output_with_input_left_open("alert", event + end)


@pytest.mark.parametrize("end", ENDS)
def test_the_status_line_shows_and_passes_on_what_an_open_pipe_has(scene: Scene, end: bytes) -> None:
    limits = {"five_hour": {"used_percentage": 41, "resets_at": 0}}
    event = json.dumps({**scene.event(""), "rate_limits": limits}).encode() + end
    shown = output_with_input_left_open("statusline", event, USAGE_DASHBOARD_STATUSLINE="cat")
    assert shown.startswith(event)
    assert b"41%" in shown


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("part", [b"", b'{"session_id": "s', b'{"tool_input": {"a": 1}', b"\n"])
def test_half_an_event_of_an_open_pipe_is_no_event(script: str, part: bytes, ledger: Path) -> None:
    assert output_with_input_left_open(script, part) == b""
    assert not ledger.exists()


@pytest.mark.parametrize(
    "text", ["x" * 3 * CHUNK_BYTES, "}" * 5 * CHUNK_BYTES, '"}' * 2 * CHUNK_BYTES, "}\n" * CHUNK_BYTES, "ü}"]
)
@pytest.mark.parametrize("end", ENDS)
def test_an_event_is_read_whole_however_long_it_is(text: str, end: bytes) -> None:
    event = json.dumps({"tool_response": text, "last": {"x": [{}]}}, ensure_ascii=False).encode() + end
    with pipe_with(event) as reading:
        # A longer end may come after the object was read.
        assert read_input(reading).rstrip() == event.rstrip()


def test_what_comes_after_a_pause_within_the_event_is_read(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b'{"a": {}')
    rest = Thread(target=os.write, args=(writing, b"}"))
    rest.start()
    assert read_input(reading) == b'{"a": {}}'
    rest.join(30)
    os.close(writing)
    assert read_input(reading) == b""
    os.close(reading)


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    content = b'{"a": 1}\n' * CHUNK_BYTES
    (tmp_path / "event").write_bytes(content)
    with (tmp_path / "event").open("rb", buffering=0) as file:
        assert read_input(file.fileno()) == content


@pytest.mark.parametrize("blocking", [True, False])
def test_a_pipe_blocks_afterwards_as_it_did_before(*, blocking: bool) -> None:
    with pipe_with(b'{"a": 1}') as reading:
        os.set_blocking(reading, blocking)
        assert read_input(reading) == b'{"a": 1}'
        assert os.get_blocking(reading) == blocking
