"""Adding our entries to a settings object and removing them again, everything else untouched."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.install import hook_entries

SCRIPTS = {"counter.py": "/p/hooks/counter.py", "alert.py": "/p/hooks/alert.py"}
ENTRIES = hook_entries.entries_for("/usr/bin/python3.11", SCRIPTS, "/data/ledger")
OLDER = hook_entries.entries_for(
    "/old/python3.9", {name: f"/gone/hooks/{name}" for name in SCRIPTS}, "/data/ledger"
)
FOREIGN = {"type": "command", "command": "notify-send done", "timeout": 5}

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False)
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner))
entries = st.just(FOREIGN) | st.dictionaries(st.text(max_size=5), leaves, max_size=3)
groups = st.fixed_dictionaries(
    {"hooks": st.lists(entries, max_size=3)}, optional={"matcher": st.text(max_size=5), "note": values}
)
events = st.sampled_from([*dict(hook_entries.REGISTERED), "PermissionRequest", "Notification"])
settings = st.dictionaries(st.text().filter(lambda name: name != "hooks"), values, max_size=4).flatmap(
    lambda rest: st.fixed_dictionaries(
        {}, optional={"hooks": st.dictionaries(events, st.lists(groups, max_size=3), max_size=4)}
    ).map(lambda hooks: {**rest, **hooks})
)


def text(value: object) -> str:
    """Render as JSON text, so that the order of keys counts."""
    return json.dumps(value)


@given(settings.filter(lambda value: isinstance(value.get("hooks", {}), dict)))
def test_adding_and_removing_gives_the_same_settings(original: hook_entries.Settings) -> None:
    before = copy.deepcopy(original)
    added = hook_entries.add_hooks(original, ENTRIES)
    assert text(hook_entries.remove_hooks(added, before)) == text(before)
    assert text(original) == text(before)


@given(settings)
def test_adding_twice_is_adding_once(original: hook_entries.Settings) -> None:
    added = hook_entries.add_hooks(original, ENTRIES)
    assert text(hook_entries.add_hooks(added, ENTRIES)) == text(added)


@given(settings)
def test_a_newer_installation_replaces_the_older_one_in_place(original: hook_entries.Settings) -> None:
    assert text(hook_entries.add_hooks(hook_entries.add_hooks(original, OLDER), ENTRIES)) == text(
        hook_entries.add_hooks(original, ENTRIES)
    )


@given(settings)
def test_every_event_has_each_of_its_scripts_once_and_no_matcher_narrows_it(
    original: hook_entries.Settings,
) -> None:
    found = hook_entries.registered_hooks(hook_entries.add_hooks(original, ENTRIES))
    assert sorted((hook.event, hook.hook.script) for hook in found) == sorted(hook_entries.REGISTERED)
    assert {hook.matcher for hook in found} == {None}


@given(settings)
def test_settings_without_us_stay_as_they_are(original: hook_entries.Settings) -> None:
    assert text(hook_entries.remove_hooks(original)) == text(original)


def test_the_registered_events_are_those_of_the_design() -> None:
    found = hook_entries.registered_hooks(hook_entries.add_hooks({}, ENTRIES))
    events = {script: [hook.event for hook in found if hook.hook.script == script] for script in SCRIPTS}
    assert set(events["counter.py"]) == {
        *("PostToolUse", "PostToolUseFailure", "PostToolBatch", "Stop", "StopFailure"),
        *("SubagentStop", "PreCompact", "SessionStart", "SessionEnd"),
    }
    assert set(events["alert.py"]) == {"PreToolUse", "UserPromptSubmit", "SessionStart"}
    assert {hook.event for hook in found if hook.entry.get("async")} == {
        *("PostToolUse", "PostToolUseFailure", "PostToolBatch"),
    }


def test_an_alert_that_hangs_delays_a_tool_by_five_seconds_at_most() -> None:
    found = hook_entries.registered_hooks(hook_entries.add_hooks({}, ENTRIES))
    timeouts = {(hook.hook.script, hook.entry["timeout"]) for hook in found}
    assert timeouts == {("counter.py", 10), ("alert.py", 5)}


def test_foreign_hooks_and_their_order_stay() -> None:
    narrow = {"matcher": "Bash", "hooks": [FOREIGN]}
    foreign = {"hooks": {"Stop": [{"hooks": [FOREIGN]}], "PreToolUse": [narrow]}}
    hooks = hook_entries.add_hooks(copy.deepcopy(foreign), ENTRIES)["hooks"]
    assert isinstance(hooks, dict)
    assert hooks["Stop"][0] == {"hooks": [FOREIGN]}
    assert hooks["PreToolUse"][0] == narrow
    assert list(hooks)[:2] == ["Stop", "PreToolUse"]


def test_entries_registered_twice_become_one() -> None:
    once = hook_entries.add_hooks({}, ENTRIES)
    twice = copy.deepcopy(once)
    hooks = twice["hooks"]
    assert isinstance(hooks, dict)
    for (event, _), older in OLDER.items():
        hooks[event].append({"hooks": [older, FOREIGN]})
    added = hook_entries.add_hooks(twice, ENTRIES)
    assert hook_entries.registered_hooks(added) == hook_entries.registered_hooks(once)
    assert text(added).count("notify-send") == len(hook_entries.REGISTERED)


def test_a_script_that_an_event_lacks_is_added_beside_the_other() -> None:
    settings = {"hooks": {"SessionStart": [{"hooks": [OLDER["SessionStart", "counter.py"], FOREIGN]}]}}
    hooks = hook_entries.add_hooks(settings, ENTRIES)["hooks"]
    assert isinstance(hooks, dict)
    assert hooks["SessionStart"] == [
        {"hooks": [ENTRIES["SessionStart", "counter.py"], FOREIGN]},
        {"hooks": [ENTRIES["SessionStart", "alert.py"]]},
    ]


def test_an_event_or_script_of_an_older_release_is_removed() -> None:
    entry = OLDER["Stop", "counter.py"]
    older = {"hooks": {"UserPromptSubmit": [{"hooks": [entry]}], "PermissionRequest": [{"hooks": [entry]}]}}
    found = hook_entries.registered_hooks(hook_entries.add_hooks(older, ENTRIES))
    assert sorted((hook.event, hook.hook.script) for hook in found) == sorted(hook_entries.REGISTERED)


def test_what_the_user_set_on_our_entry_stays() -> None:
    settings = hook_entries.add_hooks({}, OLDER)
    hooks = settings["hooks"]
    assert isinstance(hooks, dict)
    hooks["Stop"][0]["hooks"][0] |= {"timeout": 30, "statusMessage": "counting"}
    added = hook_entries.add_hooks(settings, ENTRIES)["hooks"]
    assert isinstance(added, dict)
    assert added["Stop"][0]["hooks"][0] == {
        **ENTRIES["Stop", "counter.py"],
        "timeout": 30,
        "statusMessage": "counting",
    }


def test_windows_and_posix_entries_replace_each_other_whole() -> None:
    windows = {
        (event, script): {
            **entry,
            "command": "C:/Python/python.exe",
            "args": ["-I", "-S", f"C:/p/hooks/{script}"],
        }
        for (event, script), entry in ENTRIES.items()
    }
    assert hook_entries.add_hooks(hook_entries.add_hooks({}, windows), ENTRIES) == hook_entries.add_hooks(
        {}, ENTRIES
    )


def test_removing_keeps_other_hooks_in_the_same_group() -> None:
    beside = {
        "hooks": {"Stop": [{"matcher": "x", "hooks": [FOREIGN, ENTRIES["Stop", "counter.py"], FOREIGN]}]},
        "model": "m",
    }
    assert hook_entries.remove_hooks(beside) == {
        "hooks": {"Stop": [{"matcher": "x", "hooks": [FOREIGN, FOREIGN]}]},
        "model": "m",
    }


def test_removing_without_knowing_what_was_before_leaves_no_empty_shells() -> None:
    assert hook_entries.remove_hooks(hook_entries.add_hooks({"hooks": {"Stop": []}}, ENTRIES)) == {}


@pytest.mark.parametrize(
    "hooks",
    [None, [], "x", {"Stop": None}, {"Stop": {}}, {"Stop": ["x"]}, {"Stop": [{}]}, {"Stop": [{"hooks": {}}]}],
)
def test_hooks_of_an_unknown_shape_are_refused_and_never_taken_for_ours(hooks: object) -> None:
    with pytest.raises(ValueError, match="`hooks"):
        hook_entries.add_hooks({"hooks": hooks}, ENTRIES)
    assert hook_entries.remove_hooks({"hooks": hooks}) == {"hooks": hooks}
    assert hook_entries.registered_hooks({"hooks": hooks}) == []


def test_an_unknown_shape_under_a_foreign_event_is_left_alone() -> None:
    added = hook_entries.add_hooks({"hooks": {"NotOurs": 3}}, ENTRIES)
    assert hook_entries.remove_hooks(added) == {"hooks": {"NotOurs": 3}}
