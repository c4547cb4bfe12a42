"""What may be kept of a name, and that nothing else of it is kept."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.model.test_attribution import everything, scan
from tests.support.ledger_rows import rows, totals_after_sweep
from tests.support.transcripts import OTHER, SESSION, Line, response, result, text, tool_use, usage, write
from usage_dashboard.store.connection import open_writer
from usage_dashboard.store.write.labels import OWN, Labels, server_of, session_name

KINDS = ("project", "channel", "model", "agent", "tool", "server", "class")
ARN = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123def456"
ROOT = Path(__file__).parents[2]
lenient = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
anything = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_writer(str(tmp_path / "ledger"))
    yield connection
    connection.close()


def privacy(ledger: Path, how: str) -> None:
    ledger.mkdir(exist_ok=True)
    (ledger / "config.json").write_text(json.dumps({"privacy": {"labels": how}}))


@lenient
@given(kind=st.sampled_from(KINDS), name=anything, how=st.sampled_from(["keep", "hash", "drop"]))
def test_every_label_is_short_and_printable(db: sqlite3.Connection, kind: str, name: str, how: str) -> None:
    kept = Labels(db, lambda: how).bounded(kind, name)
    assert 0 < len(kept) <= 64 or (kept, name, kind) == ("", "", "server")
    assert kept.isprintable()
    assert kept in (name, "other") or kept.startswith(("other-", "bedrock-"))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("shop", True), ("x" * 64, True), ("x" * 65, False), ("日本語 shop", True), ("a\nb", False),
        ("a\tb", False),
        ("a\0b", False), ("\u202eevil", False), ("\ud800", False), ("", False), ("a\u200bb", False),
        ("~", True),
    ],
    ids=repr,
)  # fmt: skip
def test_a_name_is_kept_up_to_64_printable_characters(db: sqlite3.Connection, name: str, kept: bool) -> None:
    found = Labels(db).bounded("project", name)
    assert found == name if kept else found.startswith("other-")
    assert kept or len(found) == len("other-") + 8


def test_hashes_differ_between_names_and_between_ledgers_and_stay_in_one(tmp_path: Path) -> None:
    found = []
    for folder in ("one", "two"):
        connection = open_writer(str(tmp_path / folder))
        labels = Labels(connection, lambda: "hash")
        found.append([labels.bounded("project", name) for name in ("shop", "blog")])
        assert Labels(connection, lambda: "hash").bounded("project", "shop") == found[-1][0]
        connection.close()
    assert len({name for names in found for name in names}) == 4


@pytest.mark.parametrize("name", [ARN, "arn:aws:bedrock:x", "bedrock/arn:aws:bedrock:eu:123456789012:x/a"])
def test_an_arn_is_never_kept_since_it_holds_an_account(db: sqlite3.Connection, name: str) -> None:
    assert Labels(db).bounded("model", name).startswith("bedrock-")


@pytest.mark.parametrize("how", ["hash", "drop"])
def test_names_that_say_nothing_about_a_user_are_always_kept(db: sqlite3.Connection, how: str) -> None:
    labels = Labels(db, lambda: how)
    for kind, names in OWN.items():
        assert {labels.bounded(kind, name) for name in names} == names
    for model in ("claude-opus-5-5", "claude-haiku-4-5-20251001", "claude-3.5-sonnet"):
        assert labels.bounded("model", model) == model
    assert labels.bounded("project", "~") == "~"
    for kind, name in (("project", "Bash"), ("server", "github"), ("tool", "mcp__github__search")):
        assert labels.bounded(kind, name) != name
    for model in ("claude-opus for jane", "claude-" + "x" * 60, "claude-öpus", "gpt-5", "claude-a/b"):
        assert labels.bounded("model", model) != model


@pytest.mark.parametrize(
    ("name", "server"),
    [
        ("mcp__github__search", "github"), ("mcp__a__b__c", "a"),
        ("mcp__claude_ai_Slack__send", "claude_ai_Slack"),
        ("mcp__x", ""), ("mcp____x", ""), ("mcp__", ""), ("Bash", ""), ("amcp__x__y", ""), ("MCP__x__y", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_server_is_the_middle_of_an_mcp_tools_name(name: str, server: str) -> None:
    assert server_of(name) == server


@pytest.mark.parametrize("name", [SESSION, "agent-a1", "A_b-9", "x" * 64])
def test_a_session_that_has_an_id_keeps_it(name: str) -> None:
    assert session_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "my notes", "a/b", "..", "x" * 65, "é", "---", "a\nb", "C:\\x", "\ud800"]
)
def test_a_session_name_that_is_not_an_id_is_hashed(name: str) -> None:
    found = session_name(name)
    assert found.startswith("other-")
    assert len(found) == 14
    assert session_name(found) == found


CANARY = "k7canaryq3"


def revealing(session: str, word: str) -> list[Line]:
    """A session that has `word` in every name, in forms that may not be kept."""
    bad = f"{word} {'x' * 60}"
    spent = {**usage(1, 2), "speed": bad, "inference_geo": bad, "service_tier": f"{word}\n"}
    fields = {"sessionId": session, "entrypoint": bad, "attributionAgent": bad, "agentId": bad}
    fields |= dict.fromkeys(("attributionSkill", "attributionPlugin", "attributionMcpServer"), bad)
    asked = [tool_use("t1", f"mcp__{word}\n__send"), tool_use("t2", bad), text("x")]
    lines = response("m1", *asked, spent=spent, model=f"arn:aws:bedrock:eu:1:profile/{word}", **fields)
    return [{**line, "cwd": f"/srv/{word}/{bad}"} for line in lines]


def test_no_part_of_a_name_that_is_too_long_or_odd_reaches_the_disk(ledger: Path, project: Path) -> None:
    write(project, revealing(f"{CANARY} notes", CANARY), f"{CANARY} notes")
    assert totals_after_sweep(ledger)["calls"] == 1
    for file in ledger.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize("how", ["hash", "drop"])
def test_no_name_of_the_user_reaches_the_disk_if_labels_are_hashed_or_dropped(
    ledger: Path, project: Path, how: str
) -> None:
    privacy(ledger, how)
    fields = {"entrypoint": CANARY, "attributionAgent": CANARY, "agentId": "a1", "cwd": f"/srv/{CANARY}"}
    fields |= dict.fromkeys(("attributionSkill", "attributionPlugin", "attributionMcpServer"), CANARY)
    asked = [tool_use("t1", f"mcp__{CANARY}__send"), tool_use("t2", CANARY)]
    spent = {**usage(1, 2), "speed": CANARY, "inference_geo": CANARY, "service_tier": CANARY}
    write(project, [*response("m1", *asked, spent=spent, model=CANARY, **fields), result("t1")])
    assert totals_after_sweep(ledger)["calls"] == 1
    for file in ledger.iterdir():
        assert CANARY.encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize("how", ["keep", "hash", "drop"])
@pytest.mark.parametrize("model", ["glm-5", ARN, "team model " * 9])
def test_a_model_has_one_name_however_often_its_responses_are_read(
    ledger: Path, project: Path, how: str, model: str
) -> None:
    privacy(ledger, how)
    lines = response("m1", text("a"), text("b"), text("c"), model=model)
    path = project / f"{SESSION}.jsonl"
    for seen in (1, 2, 3):
        write(project, lines[:seen])
        scan(ledger, path)
    models = {name for name, totals in everything(ledger).models.items() if totals.calls}
    assert len(rows(ledger, "SELECT name FROM label WHERE kind = 'model'")) == len(models) == 1
    assert ARN not in models
    assert how != "keep" or model != ARN or models.pop().startswith("bedrock-")


def test_a_fork_that_is_seen_before_its_first_own_reply_gets_its_project(ledger: Path, project: Path) -> None:
    copied = [*response("m1", tool_use("t1"), sessionId=OTHER, requestSessionId=SESSION), result("t1")]
    copied[1]["sessionId"] = OTHER
    write(project, copied, OTHER)
    totals_after_sweep(ledger)
    write(project, [*copied, *response("m2", sessionId=OTHER)], OTHER)
    totals_after_sweep(ledger)
    assert {name: totals.calls for name, totals in everything(ledger).projects.items()} == {"shop": 2}
    assert {name: totals.calls for name, totals in everything(ledger).channels.items()} == {"cli": 2}


def test_two_names_that_are_dropped_are_one_project_and_both_counted(ledger: Path, project: Path) -> None:
    privacy(ledger, "drop")
    write(project, [{**line, "cwd": "/srv/blog"} for line in response("m2", sessionId=OTHER)], OTHER)
    write(project, response("m1"))
    totals_after_sweep(ledger)
    assert {name: totals.calls for name, totals in everything(ledger).projects.items()} == {"other": 2}


@pytest.mark.parametrize(
    "cwd", ["a\0b", "/srv/a\0b/shop", "/srv/\ud800/shop", "/srv/" + "x" * 5000, 7, None, ["/x"]]
)
def test_a_folder_that_no_disk_can_hold_does_not_stop_the_recording(
    ledger: Path, project: Path, cwd: Any
) -> None:
    lines = [{**line, "cwd": cwd} for line in response("m1")]
    path = project / f"{SESSION}.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert totals_after_sweep(ledger)["calls"] == 1


@pytest.mark.parametrize("depth", [50, 300, 600, 900, 5000])
def test_a_tools_deeply_nested_input_does_not_stop_the_recording(
    ledger: Path, project: Path, depth: int
) -> None:
    line = json.dumps(response("m1", tool_use("t1", x="DEEP"))[0])
    deep = line.replace('"DEEP"', "[" * depth + "]" * depth)
    (project / f"{SESSION}.jsonl").write_text(deep + "\n" + json.dumps(response("m2")[0]) + "\n")
    assert totals_after_sweep(ledger)["calls"] in (1, 2)


@pytest.mark.parametrize(
    ("variables", "channel"),
    [
        ({}, "cli"),
        ({"CLAUDE_CODE_ENTRYPOINT": "sdk-py"}, "cli"),
        ({"USAGE_DASHBOARD_CHANNEL": "nightly"}, "nightly"),
        ({"USAGE_DASHBOARD_CHANNEL": "nightly", "CLAUDE_CODE_ENTRYPOINT": "cli"}, "nightly"),
    ],
)
def test_the_channel_is_what_the_user_named_else_the_clients(
    ledger: Path, project: Path, variables: dict[str, str], channel: str
) -> None:
    path = write(project, response("m1"))
    event = {
        "hook_event_name": "SessionEnd",
        "session_id": SESSION,
        "transcript_path": str(path),
        "cwd": "/srv/x",
    }
    hook = [sys.executable, str(ROOT / "hooks" / "counter.py")]
    subprocess.run(hook, input=json.dumps(event).encode(), check=True, env={**os.environ, **variables})
    assert list(everything(ledger).channels) == [channel]
