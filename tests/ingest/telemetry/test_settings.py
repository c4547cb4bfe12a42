"""Claude Code's settings: ours are added, those of other tools are respected, removal restores exactly."""

from __future__ import annotations

import contextlib
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.telemetry_process import background, free_port
from usage_dashboard.ingest.telemetry import launch, state_file
from usage_dashboard.ingest.telemetry.launch import VARIABLE
from usage_dashboard.install import hook_entries, settings_file, telemetry_settings
from usage_dashboard.install.doctor.telemetry import examine_telemetry
from usage_dashboard.install.telemetry_settings import INTERVAL
from usage_dashboard.model.errors import SettingsError, UsageDashboardError

PORT = 4327
ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"

SETTINGS: dict[str, Any] = {"model": "opus", "env": {"FOO": "1"}, "hooks": {}}

plain = st.text() | st.integers() | st.booleans() | st.none()
names = st.text(max_size=8).filter(lambda name: not name.startswith(("OTEL", "CLAUDE", "USAGE", "otel")))
others = names.filter(lambda name: name != "env")
documents = st.dictionaries(others, plain).flatmap(
    lambda rest: st.one_of(
        st.just(rest),
        st.just({**rest, "env": None}),
        st.dictionaries(names, st.text()).map(lambda env: {**rest, "env": env, "model": "opus"}),
    )
)


def env_of(value: dict[str, object]) -> dict[str, Any]:
    env = value["env"]
    assert isinstance(env, dict)
    return env


class TestAdd:
    def test_what_is_added(self) -> None:
        added = telemetry_settings.add_telemetry(SETTINGS, PORT)
        assert env_of(added) == {
            "FOO": "1",
            "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
            "OTEL_LOGS_EXPORTER": "otlp",
            "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
            ENDPOINT: "http://127.0.0.1:4327",
            INTERVAL: "2000",
            VARIABLE: "4327",
        }
        assert {**added, "env": None} == {**SETTINGS, "env": None}

    def test_prompts_are_never_requested(self) -> None:
        assert not [
            name
            for name in telemetry_settings.telemetry_variables(PORT)
            if "LOG_" in name or "PROMPT" in name
        ]

    def test_twice_is_once(self) -> None:
        added = telemetry_settings.add_telemetry(SETTINGS, PORT)
        assert telemetry_settings.add_telemetry(added, PORT) == added

    def test_another_port_replaces_the_first(self) -> None:
        moved = telemetry_settings.add_telemetry(telemetry_settings.add_telemetry(SETTINGS, PORT), 5000)
        assert moved == telemetry_settings.add_telemetry(SETTINGS, 5000)
        assert telemetry_settings.port_in(moved) == 5000

    def test_an_interval_that_the_user_chose_stays(self) -> None:
        added = telemetry_settings.add_telemetry(SETTINGS, PORT)
        env_of(added)[INTERVAL] = "9000"
        assert env_of(telemetry_settings.add_telemetry(added, 5000))[INTERVAL] == "9000"

    def test_an_env_that_is_null_counts_as_absent(self) -> None:
        added = telemetry_settings.add_telemetry({"env": None, "model": "opus"}, PORT)
        assert env_of(added) == telemetry_settings.telemetry_variables(PORT)
        assert list(added) == ["env", "model"]

    @pytest.mark.parametrize("env", [[], "x", 7])
    def test_an_env_that_is_not_an_object_is_refused(self, env: object) -> None:
        with pytest.raises(ValueError, match="`env`"):
            telemetry_settings.add_telemetry({"env": env}, PORT)

    def test_the_given_settings_stay_as_they_are(self) -> None:
        before = json.dumps(SETTINGS)
        telemetry_settings.remove_telemetry(telemetry_settings.add_telemetry(SETTINGS, PORT))
        assert json.dumps(SETTINGS) == before


class TestRemove:
    @given(documents)
    @example({"env": None})
    @example({"env": {}})
    def test_restores_exactly(self, value: dict[str, object]) -> None:
        assert settings_file.is_same_json(
            telemetry_settings.remove_telemetry(telemetry_settings.add_telemetry(value, PORT), value), value
        )

    @given(documents)
    @example({"env": None})
    @example({"env": {}})
    def test_restores_without_knowing_what_was_before_but_an_empty_env(
        self, value: dict[str, object]
    ) -> None:
        restored = telemetry_settings.remove_telemetry(telemetry_settings.add_telemetry(value, PORT))
        expected = {name: inner for name, inner in value.items() if name != "env" or inner}
        assert settings_file.is_same_json(restored, expected)

    @given(documents.filter(lambda value: "hooks" not in value))
    def test_together_with_the_hooks(self, value: dict[str, object]) -> None:
        entries = hook_entries.entries_for(
            "/usr/bin/python3", dict.fromkeys(("counter.py", "alert.py"), "/x/hooks/counter.py"), "/h"
        )
        added = telemetry_settings.add_telemetry(hook_entries.add_hooks(value, entries), PORT)
        assert settings_file.is_same_json(
            hook_entries.remove_hooks(telemetry_settings.remove_telemetry(added, value), value), value
        )

    def test_what_the_user_changed_stays(self) -> None:
        added = telemetry_settings.add_telemetry(SETTINGS, PORT)
        env_of(added)[ENDPOINT] = "https://collector.example.org"
        left = telemetry_settings.remove_telemetry(added, SETTINGS)
        assert env_of(left) == {"FOO": "1", ENDPOINT: "https://collector.example.org"}

    @pytest.mark.parametrize(
        "value",
        [
            {}, {"env": {}}, {"env": []}, {"env": {VARIABLE: "x"}}, {"env": {VARIABLE: 4327}},
            {"env": {"CLAUDE_CODE_ENABLE_TELEMETRY": "1", "OTEL_LOGS_EXPORTER": "otlp"}},
        ],
    )  # fmt: skip
    def test_what_is_not_ours_stays(self, value: dict[str, object]) -> None:
        assert telemetry_settings.remove_telemetry(value) == value
        assert telemetry_settings.our_variables(value) == []
        assert telemetry_settings.port_in(value) is None


@pytest.fixture
def files(home: Path, tmp_path: Path) -> telemetry_settings.TelemetryFiles:
    (home / ".claude").mkdir()
    return telemetry_settings.TelemetryFiles(
        str(home / ".claude" / "settings.json"), str(tmp_path / "managed-settings.json")
    )


class TestRefuse:
    def refused(
        self, files: telemetry_settings.TelemetryFiles, environ: dict[str, str] | None = None
    ) -> SettingsError:
        with pytest.raises(SettingsError) as refused:
            telemetry_settings.refuse_foreign(files, environ or {})
        assert refused.value.hint
        return refused.value

    def test_nothing_is_refused_on_a_machine_without_telemetry(
        self, files: telemetry_settings.TelemetryFiles
    ) -> None:
        Path(files.user).write_text(json.dumps({"env": {"FOO": "1", "DISABLE_TELEMETRY": "1"}}))
        telemetry_settings.refuse_foreign(files, {"PATH": "/bin", "DISABLE_TELEMETRY": "1"})

    def test_ours_are_not_refused(self, files: telemetry_settings.TelemetryFiles) -> None:
        value = telemetry_settings.add_telemetry(SETTINGS, PORT)
        env_of(value)[INTERVAL] = "9000"
        Path(files.user).write_text(json.dumps(value))
        # What a command that Claude Code runs finds in its environment.
        telemetry_settings.refuse_foreign(files, {VARIABLE: "4327", "CLAUDE_CODE_ENABLE_TELEMETRY": "1"})

    @pytest.mark.parametrize(
        "name",
        [
            "OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER", ENDPOINT, "OTEL_EXPORTER_OTLP_HEADERS",
            "OTEL_SERVICE_NAME", "OTEL_LOG_USER_PROMPTS", "CLAUDE_CODE_ENABLE_TELEMETRY",
            "CLAUDE_CODE_ENHANCED_TELEMETRY_BETA", "CLAUDE_CODE_OTEL_SHUTDOWN_TIMEOUT_MS",
            "ANT_OTEL_LOGS_EXPORTER",
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("where", ["user", "managed", "environment"])
    @pytest.mark.parametrize("value", ["", "1", "somewhere"])
    def test_telemetry_of_another_tool_is_refused_with_its_name_and_file(
        self, name: str, where: str, value: str, files: telemetry_settings.TelemetryFiles
    ) -> None:
        environ: dict[str, str] = {}
        if where == "environment":
            environ[name] = value
        else:
            Path(getattr(files, where)).write_text(json.dumps({"env": {name: value}}))
        error = self.refused(files, environ)
        assert f"`{name}`" in str(error)
        assert (getattr(files, where) if where != "environment" else "environment") in str(error)

    def test_a_changed_entry_of_ours_belongs_to_another_tool(
        self, files: telemetry_settings.TelemetryFiles
    ) -> None:
        value = telemetry_settings.add_telemetry(SETTINGS, PORT)
        env_of(value)[ENDPOINT] = "https://collector.example.org"
        Path(files.user).write_text(json.dumps(value))
        assert ENDPOINT in str(self.refused(files))

    def test_a_helper_for_headers_belongs_to_another_tool(
        self, files: telemetry_settings.TelemetryFiles
    ) -> None:
        Path(files.user).write_text('{"otelHeadersHelper": "/bin/headers"}')
        assert "`otelHeadersHelper`" in str(self.refused(files))

    def test_a_part_of_the_managed_settings_counts(self, files: telemetry_settings.TelemetryFiles) -> None:
        folder = Path(files.managed).with_name("managed-settings.d")
        folder.mkdir()
        (folder / "10-telemetry.json").write_text('{"env": {"OTEL_LOGS_EXPORTER": "otlp"}}')
        assert "10-telemetry.json" in str(self.refused(files))

    def test_settings_that_the_organization_sent_count(
        self, files: telemetry_settings.TelemetryFiles
    ) -> None:
        path = Path(files.user).with_name("remote-settings.json")
        path.write_text('{"env": {"OTEL_LOGS_EXPORTER": "otlp"}}')
        assert "remote-settings.json" in str(self.refused(files))

    def test_a_file_that_cannot_be_read_is_refused(self, files: telemetry_settings.TelemetryFiles) -> None:
        Path(files.managed).write_text("{")
        assert "managed-settings.json" in str(self.refused(files))


class TestPort:
    def test_the_usual_one_then_the_one_that_was_set_up_then_the_one_asked_for(
        self, files: telemetry_settings.TelemetryFiles, ledger: Path
    ) -> None:
        home, first, second = str(ledger), free_port(), free_port()
        Path(files.user).write_text(json.dumps(telemetry_settings.add_telemetry(SETTINGS, first)))
        assert telemetry_settings.chosen_port(home, None, files, {}) == first
        assert telemetry_settings.chosen_port(home, second, files, {}) == second
        Path(files.user).unlink()
        with contextlib.ExitStack() as taken:
            with contextlib.suppress(OSError):  # taken already, which is as good
                taken.enter_context(socket.create_server(("127.0.0.1", launch.DEFAULT_PORT)))
            with pytest.raises(UsageDashboardError) as no:
                telemetry_settings.chosen_port(home, None, files, {})
        assert f"Port {launch.DEFAULT_PORT}" in str(no.value)
        assert f"--port {launch.DEFAULT_PORT + 1}" in no.value.hint

    def test_the_port_of_our_own_receiver_is_free(
        self, files: telemetry_settings.TelemetryFiles, ledger: Path
    ) -> None:
        port = free_port()
        with background(ledger, port):
            assert telemetry_settings.chosen_port(str(ledger), port, files, {}) == port

    def test_telemetry_of_another_tool_is_reported_first(
        self, files: telemetry_settings.TelemetryFiles, ledger: Path
    ) -> None:
        with pytest.raises(SettingsError):
            telemetry_settings.chosen_port(str(ledger), None, files, {"OTEL_LOGS_EXPORTER": "otlp"})

    @pytest.mark.parametrize(("scope", "projects"), [("project", []), ("project", ["/p"]), (None, ["/p"])])
    def test_a_project_alone_cannot_have_telemetry(self, scope: str | None, projects: list[str]) -> None:
        with pytest.raises(UsageDashboardError) as refused:
            telemetry_settings.refuse_project(scope, projects)
        assert refused.value.hint == "usage-dashboard setup --scope user --telemetry"

    @pytest.mark.parametrize(("scope", "projects"), [("user", []), ("user", ["/p"]), (None, [])])
    def test_a_user_can(self, scope: str | None, projects: list[str]) -> None:
        telemetry_settings.refuse_project(scope, projects)


class TestDoctor:
    def findings(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles, **environ: str
    ) -> list[tuple[str, str]]:
        found = examine_telemetry(str(ledger), files, environ)
        assert all(finding.hint for finding in found if finding.level != "ok")
        return [(finding.level, finding.message) for finding in found]

    def test_nothing_is_reported_if_it_was_never_on(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles
    ) -> None:
        assert self.findings(ledger, files, OTEL_LOGS_EXPORTER="otlp") == []

    def test_on_and_not_running_and_running(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles
    ) -> None:
        port = free_port()
        Path(files.user).write_text(json.dumps(telemetry_settings.add_telemetry({}, port)))
        ((level, message),) = self.findings(ledger, files)
        assert (level, "next session" in message) == ("ok", True)
        with background(ledger, port):
            assert self.findings(ledger, files) == [("ok", f"Telemetry is received on port {port}")]

    def test_a_port_that_another_program_uses(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            Path(files.user).write_text(
                json.dumps(telemetry_settings.add_telemetry({}, other.getsockname()[1]))
            )
            ((level, message),) = self.findings(ledger, files)
        assert level == "problem"
        assert "another program" in message

    def test_telemetry_of_another_tool_that_came_later(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles
    ) -> None:
        Path(files.user).write_text(json.dumps(telemetry_settings.add_telemetry({}, free_port())))
        Path(files.managed).write_text('{"env": {"OTEL_LOGS_EXPORTER": "otlp"}}')
        ((level, message),) = self.findings(ledger, files)
        assert (level, "managed" in message) == ("problem", True)

    def test_what_was_refused_and_dropped_is_counted(
        self, ledger: Path, files: telemetry_settings.TelemetryFiles
    ) -> None:
        ledger.mkdir()
        counts = {"refused_bodies": 1234, "refused_records": 5, "dropped": 6}
        state_file.write_state(str(ledger), dict.fromkeys(state_file.NUMBERS, 0) | counts)
        messages = self.findings(ledger, files)
        assert [level for level, _ in messages] == ["warning"] * 3
        assert [message.split()[0] for _, message in messages] == ["1,234", "5", "6"]
