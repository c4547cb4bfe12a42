"""The scanner in C that hooks use and the `json` it falls back to read the same, damage included."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.transcripts import response, result, text, tool_use
from usage_dashboard.runtime.json_light import parse_json, quoted

ROOT = Path(__file__).parents[2]
READER = """
import ast, sys
sys.modules["_json"] = None
from usage_dashboard.runtime.json_light import parse_json, quoted
import json.scanner
print(json.scanner.c_make_scanner, flush=True)
for line in sys.stdin:
    try:
        found = ascii(parse_json(ast.literal_eval(line)))
    except ValueError:
        found = "damage"
    print(found, ascii(quoted(ast.literal_eval(line))), sep="\\t", flush=True)
"""
Fallback = Callable[[str], tuple[str, str]]
lenient = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def fallback() -> Iterator[Fallback]:
    """What an interpreter without `_json` makes of a text: its value (or `damage`), and the text quoted."""
    with subprocess.Popen(
        [sys.executable, "-c", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        said, asked = process.stdout, process.stdin
        assert said.readline() == "None\n"

        def ask(words: str) -> tuple[str, str]:
            asked.write(ascii(words) + "\n")
            asked.flush()
            value, in_quotes = said.readline().rstrip("\n").split("\t")
            return value, in_quotes

        yield ask


def native(words: str) -> str:
    try:
        return ascii(parse_json(words))
    except ValueError:
        return "damage"


digitless = st.characters(exclude_categories=["Nd"])
texts = st.text(st.characters(exclude_categories=()), max_size=20)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
LINE = json.dumps([*response("m1", text("é\n"), tool_use("t1")), result("t1", "😀")], ensure_ascii=False)


@lenient
@given(value=values, plain=st.booleans(), indent=st.sampled_from([None, 1, "\t"]))
def test_any_json_is_read_as_it_was_meant(
    fallback: Fallback, value: Any, plain: bool, indent: int | str | None
) -> None:
    words = json.dumps(value, ensure_ascii=plain, indent=indent)
    assert parse_json(words) == json.loads(words) == value
    assert native(words) == fallback(words)[0]


@lenient
@given(
    cut=st.integers(0, len(LINE)),
    skip=st.integers(0, 3),
    put=st.text('{}[]",:\\/nearlsft0123456789.-+eE \n\t\x00\x1f\u00e9', max_size=3),
)
def test_damage_is_damage_to_both(fallback: Fallback, cut: int, skip: int, put: str) -> None:
    words = LINE[:cut] + put + LINE[cut + skip :]
    assert native(words) == fallback(words)[0]


@lenient
@given(words=st.text(digitless) | st.text('{}[]",:\\unearlsft0123456789.-+eE \n', max_size=12))
def test_any_text_is_the_same_to_both(fallback: Fallback, words: str) -> None:
    assert native(words) == fallback(words)[0]


@pytest.mark.parametrize(
    "words",
    [
        "", " ", "{", "[", '"', '"a', "{}x", "[] []", "NaN", "[NaN]", "Infinity", "-Infinity",
        '{"a":-Infinity}', "nul", "tru", "01", "1.", ".5", "-", "+1", "1e", "1e+", "0x10", "'a'", "[1,]",
        '{"a":1,}', '{"a"}', "{1:2}",
        '"\\x"', '"\\u12"', '"\\u12g4"', "\ufeff{}", "\u00a0{}", "[" * 100_000, '{"a":' * 100_000, "1" * 5000,
    ],
    ids=lambda words: repr(words[:12]),
)  # fmt: skip
def test_what_is_not_one_json_value_is_refused(fallback: Fallback, words: str) -> None:
    assert native(words) == fallback(words)[0] == "damage"


@pytest.mark.parametrize("words", ['"\\u+041"', '"\\u 041"', '"\\u0_41"', "1\u0661", "1.\u0665", "1e\u0661"])
def test_a_hook_refuses_what_only_python_takes_for_a_number(words: str) -> None:
    # The fallback of Python 3.11 takes these; no file that the client writes has them.
    assert native(words) == "damage"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (" \r\n\t{} \n", {}), ("0", 0), ("-0", 0), ("1E2", 100.0), ("12345678901234567", 12345678901234567),
        ('"\\ud83d\\ude00"', "😀"), ('"\\ud800"', "\ud800"), ('{"a":1,"a":2}', {"a": 2}), ('"\\/"', "/"),
        ('"a\nb\x00"', "a\nb\x00"), ("1e999", float("inf")),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_json_or_near_it_is_read(fallback: Fallback, words: str, value: object) -> None:
    assert parse_json(words) == value
    assert fallback(words)[0] == ascii(parse_json(words))


@lenient
@given(words=texts)
@example('\ud800\x7f\u2028"\\/\b')
def test_quoted_text_is_ascii_json_of_one_line_in_both(fallback: Fallback, words: str) -> None:
    said = quoted(words)
    assert said.isascii()
    assert said.isprintable()
    assert json.loads(said) == words
    assert ast.literal_eval(fallback(words)[1]) == said


def test_values_are_not_shared_between_calls() -> None:
    first: Any = parse_json('{"a":[]}')
    first["a"].append(1)
    assert parse_json('{"a":[]}') == {"a": []}
