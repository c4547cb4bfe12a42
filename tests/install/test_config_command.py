"""`usage-dashboard config`: read, set and unset each setting; values that are not allowed are refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from usage_dashboard.cli.commands.config import config
from usage_dashboard.config import settings
from usage_dashboard.model.errors import SettingsError

if TYPE_CHECKING:
    from tests.support.machine import Machine

TUESDAY = {"weekday": "tuesday", "hour": 9, "minute": 46, "zone": "Europe/Berlin"}


def call(*words: str) -> str:
    """Run `config WORDS` and return what it prints; a failure is raised."""
    done = CliRunner().invoke(config, words, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: str) -> SettingsError:
    with pytest.raises(SettingsError) as raised:
        CliRunner().invoke(config, words, catch_exceptions=False)
    assert raised.value.hint
    return raised.value


def kept(machine: Machine) -> object:
    return json.loads((machine.ledger / "config.json").read_text())


@pytest.mark.parametrize(
    ("name", "value", "nested"),
    [
        ("retention_days", "30", {"retention_days": 30}),
        ("privacy.labels", "hash", {"privacy": {"labels": "hash"}}),
        ("privacy.labels", '"drop"', {"privacy": {"labels": "drop"}}),
        ("alerts.levels", "[10, 20, 30]", {"alerts": {"levels": [10, 20, 30]}}),
        ("timezone", "Europe/Berlin", {"timezone": "Europe/Berlin"}),
        ("timezone", "", {"timezone": ""}),
        ("usage_threshold_tokens", "null", {"usage_threshold_tokens": None}),
        ("prices", '{"multiplier": 0.8}', {"prices": {"multiplier": 0.8}}),
        ("weekly_reset", json.dumps(TUESDAY), {"weekly_reset": TUESDAY}),
        ("weekly_reset", "tue 09:46 Europe/Berlin", {"weekly_reset": TUESDAY}),
        ("weekly_reset", "Tuesday  9:46 Europe/Berlin", {"weekly_reset": TUESDAY}),
        ("weekly_reset", "null", {"weekly_reset": None}),
    ],
)
def test_a_value_is_kept_as_it_is_read_back(name: str, value: str, nested: object, machine: Machine) -> None:
    call("set", name, value)
    assert kept(machine) == nested
    value_read = settings.read_values(str(machine.ledger / "config.json"))[name]
    shown = call("get", name).removesuffix("\n")
    assert (shown if isinstance(value_read, str) else json.loads(shown)) == value_read


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("retention_days", "0", "1 to 36500"),
        ("retention_days", "soon", "whole number"),
        ("privacy.labels", "maybe", "keep, hash, drop"),
        ("alerts.levels", "[95, 80, 50]", "ascending"),
        ("timezone", "Europe/Berln", "Europe/Berlin"),
        ("timezone", "3", "text"),
        ("weekly_reset", "tue 09:46", "weekday"),
        ("weekly_reset", "tu 09:46 UTC", "weekday"),
        ("weekly_reset", "tue 9 UTC", "weekday"),
        ("weekly_reset", "tue 25:00 UTC", "0 to 23"),
        ("weekly_reset", "tue 09:60 UTC", "0 to 59"),
        ("weekly_reset", "tue 09:46 Mars/Base", "zone"),
        ("roots", "x", "list"),
    ],
)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(
    name: str, value: str, allowed: str, machine: Machine
) -> None:
    error = refused("set", name, value)
    assert f"`{name}` has to be" in str(error)
    assert allowed in str(error)
    assert not machine.ledger.exists()


@pytest.mark.parametrize("verb", ["get", "set", "unset"])
def test_an_unknown_name_is_refused_with_near_ones(verb: str, machine: Machine) -> None:
    words = (verb, "retention_day", "3") if verb == "set" else (verb, "retention_day")
    error = refused(*words)
    assert "`retention_day`" in str(error)
    assert "retention_days" in error.hint
    assert not machine.ledger.exists()


def test_a_name_without_a_near_match_leads_to_the_list() -> None:
    assert refused("get", "zzz").hint == "usage-dashboard config list"


def test_unset_brings_the_default_back(machine: Machine) -> None:
    call("set", "retention_days", "30")
    call("set", "privacy.labels", "hash")
    assert "90" in call("unset", "retention_days")
    assert kept(machine) == {"privacy": {"labels": "hash"}}
    assert call("get", "retention_days") == "90\n"
    call("unset", "retention_days")


def test_unset_removes_a_name_that_this_release_does_not_know(machine: Machine) -> None:
    machine.write({"retention_day": 3}, machine.ledger / "config.json")
    call("unset", "retention_day")
    assert kept(machine) == {}


def test_setting_one_keeps_the_others_even_unknown_and_unusable_ones(machine: Machine) -> None:
    machine.write({"later": 1, "retention_days": "x"}, machine.ledger / "config.json")
    call("set", "retention_days", "30")
    assert kept(machine) == {"later": 1, "retention_days": 30}


def test_list_shows_every_setting_its_value_and_what_it_means() -> None:
    call("set", "retention_days", "30")
    shown = call("list")
    for key in settings.SETTINGS:
        assert key.meaning in shown
    assert "retention_days = 30\n" in shown
    assert 'privacy.labels = "keep"  (default)\n' in shown


def test_list_as_json_holds_the_same() -> None:
    call("set", "retention_days", "30")
    listed = json.loads(call("list", "--json"))
    assert listed["version"] == 1
    by_name = {setting["name"]: setting for setting in listed["settings"]}
    assert list(by_name) == [key.name for key in settings.SETTINGS]
    assert by_name["retention_days"] == {
        "name": "retention_days",
        "value": 30,
        "default": False,
        "meaning": settings.BY_NAME["retention_days"].meaning,
    }


def test_a_file_that_cannot_be_parsed_is_left_untouched(machine: Machine) -> None:
    path = machine.write("{", machine.ledger / "config.json")
    for words in (("get", "roots"), ("set", "retention_days", "3"), ("unset", "roots"), ("list",)):
        refused(*words)
    assert path.read_text() == "{"


def test_a_folder_that_cannot_be_created_is_reported_in_a_sentence(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    (machine.home / "file").write_text("")
    monkeypatch.setenv("USAGE_DASHBOARD_HOME", str(machine.home / "file"))
    refused("set", "retention_days", "3")
