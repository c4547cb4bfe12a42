"""Which numbers of a telemetry body are read, which are refused, and that nothing else is kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.telemetry_bodies import RECORDED, SESSION, packed, record
from usage_dashboard.ingest.telemetry.otlp import read_api_requests
from usage_dashboard.model.api_request import ApiRequest
from usage_dashboard.model.ids import id_hash
from usage_dashboard.runtime.json_fields import MOST

COUNTS = ("input", "output", "cache_creation", "cache_1h", "cache_read")


def counts(request: ApiRequest) -> tuple[int, ...]:
    return tuple(getattr(request, name) for name in COUNTS)


def one(**attributes: Any) -> ApiRequest:
    ((found,), refused) = read_api_requests(packed(record(**attributes)))
    assert refused == 0
    return found


def repr_short(value: object) -> str:
    return repr(value)[:30]


def is_refused(**attributes: Any) -> bool:
    return read_api_requests(packed(record(**attributes))) == ([], 1)


class TestRecordedBody:
    def test_every_api_request_is_read_and_no_other_event(self) -> None:
        found, refused = read_api_requests(RECORDED)
        assert refused == 0
        assert [request.source for request in found] == [
            "sdk",
            "agent:builtin:general-purpose",
            "web_search_tool",
            "compact",
        ]

    def test_an_api_request_is_read_whole(self) -> None:
        first = read_api_requests(RECORDED)[0][0]
        assert first.request == id_hash("req_0002")
        assert first.session == SESSION
        assert first.model == "claude-opus-5-5"
        assert (first.agent, first.subagent, first.speed) == ("", "", "standard")
        assert first.at_us == 1_795_341_602_250_000
        assert counts(first) == (11, 307, 1108, 705, 9011)
        assert first.cost_nusd == 15_641_200

    def test_a_subagents_call_names_it(self) -> None:
        _, agents, search, _ = read_api_requests(RECORDED)[0]
        assert (agents.agent, agents.subagent) == ("general-purpose", "a0000000000000001")
        assert (search.agent, search.subagent) == ("", "a0000000000000001")

    def test_nothing_of_the_user_is_kept(self) -> None:
        canary = "k7canaryq3"
        extra = dict.fromkeys(("user.email", "user.id", "prompt", "organization.id", "terminal.type"), canary)
        request = one(**extra)
        assert canary not in repr([getattr(request, name) for name in ApiRequest.__slots__])


class TestNumbers:
    @pytest.mark.parametrize("value", [{"intValue": 77}, {"intValue": "77"}, {"doubleValue": 77.0}, "77"])
    def test_a_count_is_read_in_every_form_it_may_have(self, value: object) -> None:
        assert one(output_tokens=value).output == 77

    @pytest.mark.parametrize(
        "value",
        [
            -1, MOST + 1, 10**30, 1.5, "-1", "1e3", " 7", "", "٣", True, "NaN", float("1e300"),
            {"doubleValue": "NaN"}, {"doubleValue": "Infinity"}, {"intValue": None}, {"intValue": 1.0},
            {"intValue": [1]}, {"arrayValue": {"values": []}}, {"bytesValue": "AA=="}, {}, [],
            {"intValue": "9" * 5000},
        ],
        ids=repr_short,
    )  # fmt: skip
    @pytest.mark.parametrize(
        "name", ["input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_1h_tokens"]
    )
    def test_a_record_with_an_invalid_count_is_refused(self, name: str, value: object) -> None:
        assert is_refused(**{name: value})

    @pytest.mark.parametrize("name", ["input_tokens", "output_tokens"])
    def test_a_record_without_a_count_of_input_and_output_is_refused(self, name: str) -> None:
        assert is_refused(**{name: None})

    def test_cache_writes_that_an_older_release_does_not_split_are_read_as_a_whole(self) -> None:
        request = one(cache_creation_5m_tokens=None, cache_creation_1h_tokens=None)
        assert (request.cache_creation, request.cache_1h) == (1108, 0)

    def test_the_parts_of_cache_writes_are_never_more_than_their_sum(self) -> None:
        request = one(cache_creation_tokens=0, cache_creation_5m_tokens=3, cache_creation_1h_tokens=4)
        assert (request.cache_creation, request.cache_1h) == (7, 4)


class TestCost:
    def test_dollars_are_read_to_the_nano_dollar(self) -> None:
        assert one(cost_usd=0.010162400000000002, cost_usd_micros=10162).cost_nusd == 10_162_400

    def test_micro_dollars_replace_missing_dollars(self) -> None:
        assert one(cost_usd=None, cost_usd_micros=10162).cost_nusd == 10_162_000

    @pytest.mark.parametrize(("value", "nusd"), [(0, 0), (2, 2_000_000_000), ("0.5", 500_000_000)])
    def test_dollars_may_be_a_whole_number_or_a_text(self, value: object, nusd: int) -> None:
        assert one(cost_usd=value).cost_nusd == nusd

    def test_a_missing_cost_is_unknown(self) -> None:
        assert one(cost_usd=None, cost_usd_micros=None).cost_nusd is None

    @pytest.mark.parametrize(
        "value",
        [-0.1, 1e300, "NaN", {"doubleValue": "NaN"}, {"doubleValue": "-Infinity"}, True, "free", 10**400],
    )
    def test_a_record_with_an_invalid_cost_is_refused(self, value: object) -> None:
        assert is_refused(cost_usd=value)
        assert is_refused(cost_usd=None, cost_usd_micros=value)


class TestIdentity:
    @pytest.mark.parametrize("value", [None, "", 7, True])
    def test_a_record_without_a_request_id_is_refused(self, value: object) -> None:
        assert read_api_requests(packed(record(request_id=value))) == ([], 1)

    def test_a_record_without_a_model_is_refused(self) -> None:
        assert is_refused(model=None)
        assert is_refused(model="")

    def test_the_session_may_be_missing(self) -> None:
        assert one(**{"session.id": None}).session == ""

    @pytest.mark.parametrize(
        ("said", "kept"), [("normal", "standard"), ("fast", "fast"), ("warp" * 999, ""), (None, "")]
    )
    def test_speed_is_one_of_the_words_of_transcripts(self, said: str | None, kept: str) -> None:
        assert one(speed=said).speed == kept

    def test_the_time_falls_back_to_the_observed_time_then_to_the_stamp(self) -> None:
        body = record()
        for name in ("timeUnixNano", "observedTimeUnixNano"):
            del body[name]
            ((request,), _) = read_api_requests(packed(body))
            assert request.at_us == 1_795_341_602_250_000

    @pytest.mark.parametrize("value", ["x", -1, "9" * 30, "0", 0, None, True], ids=repr_short)
    def test_a_record_without_a_time_is_refused(self, value: object) -> None:
        body = record(**{"event.timestamp": None})
        body["timeUnixNano"] = body["observedTimeUnixNano"] = value
        assert read_api_requests(packed(body)) == ([], 1)

    @pytest.mark.parametrize(
        "names",
        [
            {"body": {"stringValue": "claude_code.api_request"}},
            {"body": {"stringValue": "anything"}, "event.name": "api_request"},
            {"event.name": "api_request"},
            {"event.name": "claude_code.api_request"},
            {"eventName": "claude_code.api_request"},
        ],
    )
    def test_the_event_is_recognized_wherever_its_name_is(self, names: dict[str, Any]) -> None:
        body = record(**{"event.name": names.get("event.name")})
        del body["body"]
        body |= {name: value for name, value in names.items() if name != "event.name"}
        assert len(read_api_requests(packed(body))[0]) == 1

    @pytest.mark.parametrize("name", ["api_error", "api_request_body", "claude_code.api_requests", ""])
    def test_another_event_is_ignored(self, name: str) -> None:
        body = record(**{"event.name": name})
        body["body"] = {"stringValue": name}
        assert read_api_requests(packed(body)) == ([], 0)


class TestBodies:
    @pytest.mark.parametrize("body", [b"{}", b'{"resourceLogs": []}', b'\xef\xbb\xbf{"resourceLogs": [{}]}'])
    def test_an_empty_body_has_no_requests(self, body: bytes) -> None:
        assert read_api_requests(body) == ([], 0)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"not json", RECORDED[:-10], RECORDED[:100],
            b'{"resourceLogs": 7}', b'{"resourceLogs": [7]}', b'{"resourceLogs": [{"scopeLogs": {}}]}',
            b'{"resourceLogs": [{"scopeLogs": [{"logRecords": [[]]}]}]}', b"[" * 100_000, b'{"a": NaN}',
            b'{"resourceLogs": ' * 50_000,
        ],
    )  # fmt: skip
    def test_a_body_that_is_not_of_logs_is_refused(self, body: bytes) -> None:
        with pytest.raises(ValueError):  # noqa: PT011 - the message is for nobody
            read_api_requests(body)

    def test_one_absurd_record_does_not_affect_the_others(self) -> None:
        found, refused = read_api_requests(packed(record("a"), record("b", output_tokens=-5), record("c")))
        assert ([request.request for request in found], refused) == ([id_hash("a"), id_hash("c")], 1)

    @pytest.mark.parametrize("attributes", [None, 7, [7], [{"key": 7}], [{"value": {"intValue": 1}}], {}])
    def test_a_record_with_invalid_attributes_is_refused(self, attributes: object) -> None:
        body = record()
        body["attributes"] = attributes
        assert read_api_requests(packed(body)) == ([], 1)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.text() | st.sampled_from(["intValue", "stringValue"]), inner)
            ),
        ),
        st.sampled_from(
            [
                "input_tokens",
                "cost_usd",
                "model",
                "session.id",
                "request_id",
                "speed",
                "agent.name",
                "event.name",
            ]
        ),
    )
    def test_no_value_exceeds_what_a_ledger_can_hold(self, value: Any, name: str) -> None:
        body = record()
        body["attributes"] = [
            {"key": entry["key"], "value": value if entry["key"] == name else entry["value"]}
            for entry in body["attributes"]
        ]
        data = json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [body]}]}]}).encode()
        try:
            found, refused = read_api_requests(data)
        except ValueError:  # NaN is not JSON
            return
        assert len(found) + refused <= 1
        for request in found:
            assert all(0 <= count <= MOST * 2 for count in counts(request))
            assert request.cost_nusd is None or 0 <= request.cost_nusd < 2**62
