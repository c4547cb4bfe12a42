"""Five weeks of generated work, always the same relative to `now`."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from usage_dashboard.cli.demo.transcripts import DemoSession, text_block
from usage_dashboard.model.events import DAY_US, SECOND_US
from usage_dashboard.pricing.lookup import PriceLookup

if TYPE_CHECKING:
    from collections.abc import Sequence

    from usage_dashboard.cli.demo.transcripts import DemoThread

SEED = 7
DAYS = 34
HOUR_US = 3600 * SECOND_US

PROJECTS = ("shop", "shop", "tide-tables", "paper-kite", "shop", "quiet-api", "tide-tables")
"""Where the sessions are, by turns: neutral names, of no project in particular."""

OPUS, SONNET = "claude-opus-5-5", "claude-sonnet-5-5"
FABLE, HAIKU = "claude-fable-5-2", "claude-haiku-5-5"
MODELS = (OPUS, SONNET, OPUS, OPUS, FABLE, SONNET, OPUS, SONNET)
EDITORS = ("cli", "cli", "claude-vscode")

STARTS = (9.2, 6)
"""Hours before this time of a day at which its sessions began, or less than one later."""

PER_DAY = (2, 1, 2, 0, 1, 2, 1)
"""How many sessions a day had, by how many days it is ago."""

KNOWN_ID = "0020248b"
"""How the id of the running session begins: it is the one that help texts name."""

HIT_DAY = 9
RUNNING_FOR_US = 41 * 60 * SECOND_US
LAST_CALL_US, LONGEST_STEP_US = 5 * SECOND_US, 60 * SECOND_US
LONGEST_US = int(2.6 * HOUR_US)
MOST_CACHED = 160_000
SUGGESTED = 0.4
"""How often the client asks what the user may want next, which no transcript shows."""

PAUSES = (40, 90, 240, 420, 900)
"""Seconds between a reply and the next prompt; the running session has the middle ones."""

TOOLS = {
    # name: (weight, tokens it takes to write, tokens that it returns, milliseconds)
    "Read": (26, 30, 3_400, 40),
    "Edit": (18, 380, 260, 60),
    "Bash": (22, 90, 1_100, 5_200),
    "Grep": (10, 45, 620, 90),
    "Write": (5, 1_300, 120, 50),
    "TodoWrite": (5, 160, 60, 10),
    "mcp__tickets__search": (4, 50, 1_900, 640),
    "mcp__tickets__comment": (2, 240, 180, 480),
    "mcp__browser__screenshot": (3, 40, 4_800, 2_300),
    "WebSearch": (2, 40, 1_100, 6_400),
}
LOOKING = ("Read", "Grep")
FAILING = {"Bash": 0.12, "Edit": 0.05, "mcp__browser__screenshot": 0.2}


def generate_sessions(now_us: int, home: str, seed: int = SEED) -> list[DemoSession]:
    """Generate all sessions up to `now_us`, in folders below `home`; the last one is still running."""
    rng, tariff = Random(seed), PriceLookup()  # noqa: S311 - no secret: the same work every time
    generated: list[DemoSession] = []
    for days in range(DAYS, -1, -1):
        for number in range(PER_DAY[days % 7]):
            turn = len(generated)
            running = (days, number) == (0, PER_DAY[0] - 1)
            place = (f"{home}/{PROJECTS[turn % len(PROJECTS)]}", EDITORS[turn % len(EDITORS)])
            ago_us = RUNNING_FOR_US if running else int((STARTS[number] - rng.random()) * HOUR_US)
            start_us = now_us - days * DAY_US - ago_us
            session = DemoSession(rng, tariff, start_us, place, MODELS[turn % len(MODELS)])
            generated.append(session)
            if running:
                session.name = KNOWN_ID + session.name[len(KNOWN_ID) :]
                _do_tasks(session, now_us - LAST_CALL_US, PAUSES[1:3])
                continue
            _do_tasks(session, start_us + LONGEST_US, PAUSES, most=rng.randint(3, 8))
            if (days, number) == (HIT_DAY, PER_DAY[HIT_DAY % 7] - 1):
                session.refused("five_hour")
            session.end()
    return generated


def _do_tasks(session: DemoSession, until_us: int, pauses: Sequence[int], most: int = 1_000) -> None:
    """Do at most `most` tasks before `until_us`; now and then a response is cut off."""
    rng, main = session.rng, session.main
    for number in range(most):
        session.skill = "release-notes" if rng.random() < 0.06 else ""
        main.fresh += rng.randint(40, 700)
        _do_task(session, until_us)
        if number == 3 and rng.random() < 0.2:
            session.respond(main, [text_block(40)], 44, cut=True)
        pause = rng.choice(pauses)
        if session.at_us + pause * SECOND_US > until_us:
            return
        session.wait(pause)
        if rng.random() < 0.06:
            main.fresh, main.cached = main.fresh + main.cached, 0  # the cache was not kept that long


def _do_task(session: DemoSession, until_us: int) -> None:
    """Do one task from the prompt to the reply, or leave it open at `until_us`."""
    rng, main = session.rng, session.main
    for _ in range(rng.randint(1, 6)):
        if rng.random() < 0.09:
            _run_subagent(session, main, rng.choice(("Explore", "Explore", "general-purpose")))
        else:
            _write_step(session, main, tuple(TOOLS))
        if session.at_us > until_us - LONGEST_STEP_US:
            return
    session.respond(main, [text_block(90)], rng.randint(150, 900), rng.choice((0, 0, 60)))
    if rng.random() < SUGGESTED:
        session.hidden([rng.randint(2, 9), rng.randint(20, 60), 0, 0, main.cached, 0, 0])
    if main.cached > MOST_CACHED:
        session.compact()


def _write_step(session: DemoSession, thread: DemoThread, among: tuple[str, ...]) -> None:
    """Write a response that calls one or two tools, and their results."""
    rng = session.rng
    names = rng.choices(among, [TOOLS[name][0] for name in among], k=rng.choice((1, 1, 1, 2)))
    blocks, made, output = [], [], 30
    for name in names:
        tokens = int(TOOLS[name][1] * rng.uniform(0.5, 1.8))
        use, block = session.use(thread, name, tokens)
        made.append(use)
        blocks.append(block)
        output += tokens
    thinking = rng.choice((0, 0, 0, 180, 420))
    session.respond(thread, blocks, output + thinking, thinking)
    for use in made:
        _, _, returned, milliseconds = TOOLS[use.name]
        took = int(milliseconds * rng.uniform(0.4, 2.2))
        session.wait(took / 1000)
        failed = rng.random() < FAILING.get(use.name, 0)
        session.result(use, int(returned * rng.uniform(0.3, 2)), took, failed=failed)
        if use.name == "WebSearch":
            session.hidden([rng.randint(7_000, 12_000), rng.randint(300, 700), 0, 0, 0, 1, 0])


def _run_subagent(session: DemoSession, thread: DemoThread, agent: str) -> None:
    """Run a subagent for some steps; a general one starts another."""
    rng = session.rng
    use, block = session.use(thread, "Agent", rng.randint(120, 400))
    session.respond(thread, [block], rng.randint(180, 460))
    general = agent == "general-purpose"
    began_us = session.at_us
    below = session.subagent(use, agent, SONNET if general else HAIKU)
    for _ in range(rng.randint(3, 7)):
        _write_step(session, below, tuple(TOOLS)[:5] if general else LOOKING)
    if general:
        _run_subagent(session, below, "Explore")
    session.respond(below, [text_block(200)], rng.randint(300, 900))
    session.result(use, rng.randint(300, 900), (session.at_us - began_us) // 1000)
