"""Every token goes to exactly one label, whatever the conversation and in whatever order it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.ledger_rows import rows
from tests.support.transcripts import OTHER, SESSION, Line, packed, response, result, usage, write
from usage_dashboard.aggregator import Report
from usage_dashboard.ingest.scanner import Scanner
from usage_dashboard.model.events import ToolResult
from usage_dashboard.model.ids import id_hash
from usage_dashboard.model.windows import Window, Zone
from usage_dashboard.reports.window_usage import read_usage

PRICED = ("claude-opus-5-5", "claude-haiku-4-5-20251001")
UNPRICED = "glm-5"
Outcome = tuple[ToolResult, tuple[str, str], str]

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
contents = st.sampled_from(
    ["", "ok", "é" * 40, "x" * 900, None, [], [IMAGE], [{"type": "text", "text": "y" * 300}, IMAGE]]
)
amounts = st.one_of(st.sampled_from([0, 1, 2, 3]), st.integers(0, 5000))
names = st.sampled_from(["Bash", "Read", "mcp__github__search"])
moments = st.integers(0, 59).map(lambda minute: f"2026-11-22T10:{minute:02}:00.000Z")
lenient = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def spendings(draw: st.DrawFn) -> Line:
    output = draw(amounts)
    thinking = draw(st.none() | st.integers(0, output + 3))
    spent = usage(draw(amounts), output, draw(amounts), draw(amounts), draw(amounts), thinking)
    spent["inference_geo"] = draw(st.sampled_from(["", "us", "not_available"]))
    spent["service_tier"] = draw(st.sampled_from(["standard", "batch"]))
    spent["server_tool_use"]["web_search_requests"] = draw(st.sampled_from([0, 0, 2]))
    return spent


@st.composite
def replies(draw: st.DrawFn, name: str, models: tuple[str, ...], who: Line) -> list[Line]:
    """The lines of one reply of up to five blocks in any order, some tools without input."""
    blocks: list[Line] = []
    kinds = st.sampled_from(["text", "thinking", "tool", "tool"])
    for place, kind in enumerate(draw(st.lists(kinds, min_size=1, max_size=5))):
        words = "w" * draw(st.integers(0, 60))
        asked = {"type": "tool_use", "id": f"t{name}{place}", "input": {"command": words} if words else {}}
        if kind == "tool":
            blocks.append({**asked, "name": draw(names)})
        else:
            blocks.append({"type": kind, kind: words})
    lines = response(name, *blocks, spent=draw(spendings()), model=draw(st.sampled_from(models)), **who)
    return [{**line, "timestamp": draw(moments)} for line in lines]


@st.composite
def threads(draw: st.DrawFn, subagent: str, models: tuple[str, ...]) -> list[Line]:
    """The lines of one thread: results come at once, after their reply, after the next one, or never."""
    who = {"isSidechain": True, "agentId": subagent, "attributionAgent": "Explore"} if subagent else {}
    lines: list[Line] = []
    late: list[Line] = []
    for turn in range(draw(st.integers(1, 4))):
        after, late = late, []
        for line in draw(replies(f"m{subagent}{turn}", models, who)):
            lines.append(line)
            (block,) = line["message"]["content"]
            if "input" in block:
                answer = result(block["id"], draw(contents), failed=draw(st.booleans()), **who)
                draw(st.sampled_from([lines, after, late, []])).append(answer)
        lines += draw(st.permutations(after))
    return lines


@st.composite
def conversations(draw: st.DrawFn, models: tuple[str, ...] = PRICED) -> dict[str, list[Line]]:
    """Lines by thread: the session's own under "", perhaps with its totals, and up to two subagents'."""
    subagents = draw(st.sampled_from([(), ("a1",), ("a1", "b2")]))
    found = {name: draw(threads(name, models)) for name in ("", *subagents)}
    if draw(st.booleans()):
        kinds = ("inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens")
        most = draw(st.sampled_from([0, 10**6]))  # less than what is shown, or much more
        spent = {kind: most + draw(amounts) for kind in kinds} | {"costUSD": draw(amounts) / 100}
        counted = {"modelUsage": {models[-1]: spent}, "startTime": 1_795_338_000_000, "totalDuration": 9}
        found[""].append({"type": "cost-state", "sessionId": SESSION, **counted})
    return found


def blocks_of(lines: list[Line], kind: str) -> list[Line]:
    said = [block for line in lines if "message" in line for block in line["message"]["content"]]
    return [block for block in said if block["type"] == kind]


def scan(ledger: Path, path: Path | None, outcome: Outcome | None = None, duration_ms: int = 5) -> None:
    """What one hook does: read what is new in a file, note how a tool call ended, or both."""
    scanner = Scanner(str(ledger))
    with scanner:
        scanner.place(SESSION, "/home/dev/shop", "cli")
        if outcome:
            scanner._writer.expect((*outcome, duration_ms))
        if path:
            scanner.file(str(path))
        scanner._writer.finish()
    scanner.db.close()


def recorded(folder: Path, conversation: dict[str, list[Line]]) -> Path:
    """A ledger of `conversation`, each file read at once."""
    for name, lines in conversation.items():
        scan(folder, write(folder, lines, subagent=name))
    return folder


def content(ledger: Path) -> list[list[tuple[Any, ...]]]:
    """Everything that a ledger holds of calls, without the numbers that it gave to names."""
    return [
        rows(
            ledger,
            "SELECT s.name, p.name, h.name, a.name, m.name, c.prompt_bucket, c.speed, c.geo, c.tier, r.id,"
            " r.request, r.subagent, r.kind, at_us, input, output, cache_creation, cache_1h, cache_read,"
            " thinking, searches, calls, incomplete, text_bytes, thinking_bytes, cost, cost_prompt,"
            " cost_read, savings FROM response r"
            " JOIN session s ON s.id = r.session JOIN label p ON p.id = s.project"
            " JOIN label h ON h.id = s.channel JOIN label a ON a.id = r.agent"
            " JOIN price_class c ON c.id = r.class JOIN label m ON m.id = c.model ORDER BY r.id",
        ),
        rows(
            ledger,
            "SELECT t.id, response, carrier, s.name, subagent, l.name, v.name, input_bytes, result_bytes,"
            " failed, output, input, cache_creation, cache_1h, cost_output, cost_prompt FROM tool_call t"
            " JOIN session s ON s.id = session JOIN label l ON l.id = tool JOIN label v ON v.id = server"
            " ORDER BY t.id",
        ),
        rows(ledger, "SELECT * FROM usage ORDER BY id"),
    ]


def everything(ledger: Path) -> Report:
    return read_usage(str(ledger), Window("all", 0), Zone("UTC")).report


def grouped(found: list[tuple[Any, ...]], width: int) -> dict[tuple[Any, ...], list[int]]:
    """Rows of a key of `width` columns and amounts, added up by key; None counts as nothing."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for row in found:
        held = sums.setdefault(row[:width], [0] * (len(row) - width))
        held[:] = [a + (b or 0) for a, b in zip(held, row[width:], strict=True)]
    return {place: amounts for place, amounts in sums.items() if any(amounts)}


def audit(ledger: Path) -> None:
    """Rows, shares, rollups, the view and the report all have to say the same."""
    place = "r.at_us / 900000000, r.session, r.kind, r.agent, r.class"
    sums = "input, output, cache_creation, cache_1h, cache_read, thinking, searches"
    sums = f"{sums}, cost, cost_prompt, cost_read, savings"
    single = f"SELECT {place}, calls, incomplete, calls * (cost IS NULL), {sums} FROM response r"
    where = "bucket, session, kind, agent, class"
    rolled = f"SELECT {where}, calls, incomplete, unpriced, {sums} FROM rollup"
    assert grouped(rows(ledger, rolled), 5) == grouped(rows(ledger, single), 5)

    written = f"{place}, t.tool, t.server, 1, t.failed, t.output, 0, 0, 0, cost_output, 0"
    carried = f"{place}, t.tool, t.server, 0, 0, 0, t.input, t.cache_creation, t.cache_1h, 0, t.cost_prompt"
    shares = [
        *rows(ledger, f"SELECT {written} FROM tool_call t JOIN response r ON r.id = response"),
        *rows(ledger, f"SELECT {carried} FROM tool_call t JOIN response r ON r.id = carrier"),
    ]
    sums = "calls, failed, output, input, cache_creation, cache_1h, cost_output, cost_prompt"
    rolled = f"SELECT {where}, tool, server, {sums} FROM tool_rollup"
    assert grouped(rows(ledger, rolled), 7) == grouped(shares, 7)

    parts = "input, cache_creation, cache_1h, cost_prompt"
    mine = f"SELECT id, {parts} FROM response WHERE id IN (SELECT carrier FROM tool_call)"
    theirs = f"SELECT carrier, {parts} FROM tool_call WHERE carrier IN (SELECT id FROM response)"
    assert grouped(rows(ledger, theirs), 1) == grouped(rows(ledger, mine), 1)

    seen = "SELECT tool_name, input_tokens, output_tokens, COALESCE(cost_estimate, 0) FROM usage"
    view = [(*row[:3], round(row[3] * 1e9)) for row in rows(ledger, seen)]
    assert all(amount >= 0 for row in view for amount in row[1:])
    spent = rows(ledger, "SELECT SUM(input), SUM(output), COALESCE(SUM(cost), 0) FROM response")
    assert [tuple(map(sum, zip(*(row[1:] for row in view), strict=True)))] == spent
    report = everything(ledger)
    assert [(report.totals.input, report.totals.output, report.totals.cost_nusd)] == spent
    said = [(name, t.input, t.output, t.cost_nusd) for name, t in report.tools.items()]
    assert grouped(said, 1) == grouped(view, 1)


@lenient
@given(conversation=conversations((*PRICED, UNPRICED)))
def test_every_token_and_nano_dollar_has_one_label(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    audit(recorded(tmp_path_factory.mktemp("any"), conversation))


@lenient
@given(conversation=conversations())
def test_a_result_is_carried_by_the_first_request_of_its_thread_after_it(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    wanted: dict[int, int | None] = {}
    for lines in conversation.values():
        for place, line in enumerate(lines):
            said = [other.get("message", {}).get("id") for other in lines]
            begun, later = set(said[:place]), said[place:]
            carrier = next((name for name in later if name and name not in begun), None)
            for block in blocks_of([line], "tool_result"):
                wanted[id_hash(block["tool_use_id"])] = id_hash(carrier) if carrier else None
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    assert dict(rows(ledger, "SELECT id, carrier FROM tool_call WHERE result_bytes IS NOT NULL")) == wanted


@lenient
@given(conversation=conversations())
def test_output_is_shared_by_size_to_within_a_token_and_thinking_stays_with_the_reply(
    tmp_path_factory: pytest.TempPathFactory, conversation: dict[str, list[Line]]
) -> None:
    ledger = recorded(tmp_path_factory.mktemp("any"), conversation)
    replies = "SELECT id, output - COALESCE(thinking, 0), text_bytes + (thinking IS NULL) * thinking_bytes"
    for message, shared, reply in rows(ledger, f"{replies} FROM response"):
        tools = rows(ledger, "SELECT input_bytes, output FROM tool_call WHERE response = ?", message)
        weight = reply + sum(size for size, _ in tools)
        assert all(abs(output - shared * size / weight) < 1 for size, output in tools)
        assert sum(output for _, output in tools) <= shared
        assert reply or not tools or sum(output for _, output in tools) == shared


@lenient
@given(data=st.data(), conversation=conversations((*PRICED, UNPRICED)))
def test_the_order_of_reading_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, conversation: dict[str, list[Line]]
) -> None:
    outcomes = [
        (ToolResult(id_hash(block["id"]), 0, failed=data.draw(st.booleans())), (SESSION, name), block["name"])
        for name, lines in conversation.items()
        for block in blocks_of(lines, "tool_use")
        if data.draw(st.booleans())
    ]
    plain, mixed = tmp_path_factory.mktemp("plain"), tmp_path_factory.mktemp("mixed")
    recorded(plain, conversation)
    for outcome in outcomes:
        scan(plain, None, outcome)

    queues: list[list[tuple[Path | None, bytes, Outcome | None]]] = [[(None, b"", one)] for one in outcomes]
    for name, lines in conversation.items():
        path, whole = write(mixed, [], subagent=name), packed(lines)
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=4)))
        again = [whole * 2] if data.draw(st.booleans()) else []  # every line written once more
        queues.append([(path, some, None) for some in (*(whole[:cut] for cut in cuts), whole, *again)])
    waiting: list[Outcome] = []
    for which in data.draw(st.permutations([i for i, queue in enumerate(queues) for _ in queue])):
        path_now, data_now, outcome_now = queues[which].pop(0)
        if outcome_now and not waiting and data.draw(st.booleans()):
            waiting.append(outcome_now)
            continue
        if path_now:
            path_now.write_bytes(data_now)
        scan(mixed, path_now, outcome_now or (waiting.pop() if waiting else None))
    for outcome in waiting:
        scan(mixed, None, outcome)
    assert content(mixed) == content(plain)
    audit(mixed)


def totals_of(session: str, spent: int) -> Line:
    """The client's own totals of a session, whose count began with that of the session it is a fork of."""
    counted = {"claude-opus-5-5": {"inputTokens": spent, "outputTokens": spent, "costUSD": spent / 100}}
    line = {"type": "cost-state", "sessionId": session, "modelUsage": counted}
    return {**line, "startTime": 1_795_338_000_000, "totalDuration": 9}


@lenient
@given(data=st.data())
def test_the_background_calls_of_a_fork_and_its_parent_are_separated_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    ledger = tmp_path_factory.mktemp("fork")
    shown = response("m1", spent=usage(10, 10), at="2026-11-22T10:05:00.000Z")
    copied = [{**line, "sessionId": OTHER, "requestSessionId": SESSION} for line in shown]
    own = response("m2", spent=usage(20, 20), at="2026-11-22T10:20:00.000Z", sessionId=OTHER)
    files = {
        SESSION: packed([*shown, totals_of(SESSION, 10 + 50)]),
        OTHER: packed([*copied, *own, totals_of(OTHER, 10 + 50 + 20 + 70)]),
    }
    steps = []
    for session, whole in files.items():
        cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=3)))
        steps.append([(session, whole[:size]) for size in (*cuts, len(whole))])
    for which in data.draw(st.permutations([i for i, queue in enumerate(steps) for _ in queue])):
        session, some = steps[which].pop(0)
        (ledger / f"{session}.jsonl").write_bytes(some)
        scan(ledger, ledger / f"{session}.jsonl")
    hidden = "SELECT s.name, input, output FROM response JOIN session s ON s.id = session WHERE kind = 2"
    assert sorted(rows(ledger, hidden)) == [(SESSION, 50, 50), (OTHER, 70, 70)]
    audit(ledger)
