"""Calls answered under another name than was asked for are counted once, whichever way they are read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.test_bulk import scanned, taken
from tests.support.ledger_rows import rows, totals, totals_after_sweep
from tests.support.transcripts import SESSION, Line, packed, response, usage, write
from usage_dashboard.store.connection import open_writer

BEGAN_MS = 1_795_341_540_000  # 2026-11-22T09:59:00Z
ARN = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/k7f3d9"
PAIRS = [
    ("claude-sonnet-4-5", "claude-sonnet-4-5-20250929"),
    ("claude-sonnet-4-6", "glm-4.7"),
    ("claude-sonnet-4-5[1m]", "claude-sonnet-4-5-20250929"),
    (ARN, "claude-sonnet-4-5-20250929"),
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5-20250929"),
    ("anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929"),
]


def state(models: dict[str, tuple[int, int]], *, ran_ms: int = 120_000, began_ms: int = BEGAN_MS) -> Line:
    """A `cost-state` line: fresh input and output by model."""
    counts = {
        name: {
            "inputTokens": fresh, "outputTokens": output, "cacheReadInputTokens": 0,
            "cacheCreationInputTokens": 0, "webSearchRequests": 0, "costUSD": 0.001,
        }
        for name, (fresh, output) in models.items()
    }  # fmt: skip
    return {
        "type": "cost-state", "sessionId": SESSION, "totalDuration": ran_ms, "startTime": began_ms,
        "modelUsage": counts,
    }  # fmt: skip


def lines(asked: str, answered: str) -> list[Line]:
    """Two answers, and totals with a hidden call of 3 and 30."""
    one = response("m1", spent=usage(10, 100), model=answered, requestedModel=asked)
    two = response("m2", spent=usage(20, 200), model=answered, requestedModel=asked)
    return [*one, *two, state({asked: (33, 330)})]


def hidden(ledger: Path) -> list[tuple[int, ...]]:
    return rows(ledger, "SELECT input, output FROM rollup WHERE kind = 2")


@pytest.mark.parametrize(("asked", "answered"), PAIRS)
@pytest.mark.parametrize("read", [scanned, taken])
def test_only_what_is_hidden_comes_back(
    ledger: Path, project: Path, asked: str, answered: str, read: object
) -> None:
    path = write(project, lines(asked, answered))
    assert callable(read)
    read(ledger, [path])
    found = totals(ledger)
    assert (found["input"], found["output"], hidden(ledger)) == (33, 330, [(3, 30)])


@pytest.mark.parametrize(("asked", "answered"), PAIRS)
def test_lines_of_old_clients_do_not_say_what_was_asked_for(
    ledger: Path, project: Path, asked: str, answered: str
) -> None:
    data = packed(lines(asked, answered)).replace(b'"requestedModel"', b'"later"')
    (project / f"{SESSION}.jsonl").write_bytes(data)
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], hidden(ledger)) == (33, 330, [(3, 30)])


def test_a_hidden_call_has_the_price_of_the_model_that_answers(ledger: Path, project: Path) -> None:
    write(project, lines("my-gateway", "claude-sonnet-4-6"))
    totals_after_sweep(ledger)
    query = (
        "SELECT m.name, a.name, r.cost > 0 FROM response r JOIN price_class c ON c.id = r.class"
        " JOIN label m ON m.id = c.model JOIN label a ON a.id = r.asked WHERE r.kind = 2"
    )
    assert rows(ledger, query) == [("claude-sonnet-4-6", "my-gateway", 1)]


def test_two_names_of_one_model_and_a_subagent_with_another_are_told_apart(
    ledger: Path, project: Path
) -> None:
    answered = "claude-sonnet-4-5-20250929"
    one = response("m1", spent=usage(10, 100), model=answered, requestedModel="sonnet-a")
    two = response("m2", spent=usage(20, 200), model=answered, requestedModel="sonnet-b")
    inner = response("m3", spent=usage(5, 50), model="glm", requestedModel="haiku", agentId="a1")
    write(project, inner, subagent="a1")
    write(project, [*one, *two, state({"sonnet-a": (12, 120), "sonnet-b": (20, 200), "haiku": (9, 90)})])
    totals_after_sweep(ledger)
    assert sorted(rows(ledger, "SELECT input, output FROM response WHERE kind = 2")) == [(2, 20), (4, 40)]


def test_a_ledger_that_counted_twice_is_mended_by_the_upgrade(ledger: Path, project: Path) -> None:
    """An older release left the background row that it took the whole session for."""
    write(project, lines("claude-sonnet-4-6", "glm-4.7"))
    totals_after_sweep(ledger)
    db = open_writer(str(ledger))
    db.execute("UPDATE response SET input = 33, output = 330, asked = NULL WHERE kind = 2")
    db.execute("UPDATE rollup SET input = 33, output = 330 WHERE kind = 2")
    db.execute("UPDATE response SET asked = NULL")
    db.execute("DELETE FROM position")  # what the step does
    db.commit()
    db.close()
    found = totals_after_sweep(ledger)
    assert (found["input"], found["output"], hidden(ledger)) == (33, 330, [(3, 30)])
    assert rows(ledger, "SELECT COUNT(asked) FROM response") == [(3,)]
