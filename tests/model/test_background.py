"""What totals of the client count, and when what a process hid is lost with it."""

from __future__ import annotations

from usage_dashboard.model.background import ClientTotals, HiddenUsage, ShownCall, hidden
from usage_dashboard.model.background_intervals import Session, first_lost_us, intervals

BEGAN_US = 1_000_000_000
SECOND_US = 1_000_000


def at(seconds: float) -> int:
    return BEGAN_US + int(seconds * SECOND_US)


def totals(
    seconds: float, ran: float, fresh: int, model: str = "opus", began_us: int = BEGAN_US
) -> ClientTotals:
    """Totals of one model, dated by the last line before them."""
    counts: dict[str, tuple[int, ...]] = {model: (fresh, 10 * fresh, 0, 0, 100 * fresh, 0, 0, 0)}
    return ClientTotals(int(seconds * 1000) + fresh, at(seconds), began_us, int(ran * SECOND_US), counts)


def row(seconds: float, fresh: int, **flags: bool) -> ShownCall:
    counts = (fresh, 10 * fresh, 0, 0, 100 * fresh, 0, 0, 0)
    marks = (flags.get("cut", False), flags.get("subagent", False), flags.get("reported", False))
    return ShownCall(at(seconds), "opus", counts, marks)


def fresh(found: list[HiddenUsage]) -> list[int]:
    return [one.counts[0] for one in found]


def derive(session: Session) -> tuple[list[int], int | None]:
    """Hidden fresh input of each state, and since when (seconds) something is lost."""
    counted = intervals(session)
    lost_us = first_lost_us(session, counted)
    return fresh(hidden(counted)), None if lost_us is None else (lost_us - BEGAN_US) // SECOND_US


def test_what_a_killed_process_showed_is_subtracted_from_no_totals() -> None:
    states = [totals(10, 10, 36), totals(103, 13, 51)]
    shown = [row(1, 24), row(50, 14), row(102, 15)]
    assert derive(Session(states, shown)) == ([12], 50)


def test_a_process_that_died_before_the_first_totals_is_noticed() -> None:
    states = [totals(103, 3, 30, began_us=at(100))]
    assert derive(Session(states, [row(1, 24), row(102, 15)])) == ([15], 1)


def test_several_killed_processes_between_two_totals_leave_both_alone() -> None:
    states = [totals(10, 10, 36), totals(203, 13, 51)]
    shown = [row(1, 24), row(50, 14), row(100, 16), row(150, 18, subagent=True), row(202, 15)]
    assert derive(Session(states, shown)) == ([12], 50)


def test_a_process_that_waited_before_it_ended_did_not_show_more_than_it_counted() -> None:
    states = [totals(10, 10, 36), totals(103, 500, 51)]
    shown = [row(1, 24), row(50, 14), row(102, 15)]
    assert derive(Session(states, shown)) == ([12], 50)


def test_a_compaction_of_a_killed_process_is_a_sign_of_it() -> None:
    states, shown = [totals(10, 10, 36), totals(103, 13, 51)], [row(1, 24), row(102, 15)]
    assert derive(Session(states, shown)) == ([12], None)
    assert derive(Session(states, shown, signs=([], [at(50)]))) == ([12], 50)
    assert derive(Session(states, shown, signs=([], [at(5), at(101)]))) == ([12], None)


def test_a_process_that_began_and_wrote_no_totals_died() -> None:
    states, shown = [totals(10, 10, 36), totals(103, 13, 51)], [row(1, 24), row(102, 15)]
    assert derive(Session(states, shown, signs=([at(0), at(100)], []))) == ([12], None)
    assert derive(Session(states, shown, signs=([at(0), at(50), at(100)], []))) == ([12], 50)


def test_a_process_that_did_nothing_and_said_so_did_not_die() -> None:
    again = totals(10, 12, 36)
    again.id = 1
    states, shown = [totals(10, 10, 36), again, totals(103, 15, 51)], [row(1, 24), row(102, 15)]
    assert derive(Session(states, shown, signs=([at(0), at(50), at(100)], []))) == ([12], None)


def test_the_last_lines_of_subagents_and_what_telemetry_reported_belong_to_the_process_that_ended() -> None:
    states = [totals(10, 10, 36), totals(103, 13, 51)]
    shown = [row(1, 24), row(11.5, 5, subagent=True), row(11, 7, reported=True), row(102, 15)]
    assert derive(Session(states, shown)) == ([], None)


def test_rows_after_the_last_totals_are_a_running_process_s() -> None:
    assert derive(Session([totals(10, 10, 36)], [row(1, 24), row(50, 14)])) == ([12], None)


def test_a_fork_that_was_killed_and_resumed_keeps_what_its_parent_hid() -> None:
    base, state = totals(10, 10, 36), totals(203, 14, 51)
    assert derive(Session([state], [row(100, 14), row(202, 15)], base)) == ([], 100)
