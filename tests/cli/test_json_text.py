"""Documents as JSON text: what the standard library makes of them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from usage_dashboard.cli.terminal.json_text import to_json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(VALUES, st.booleans())
def test_a_document_is_written_as_the_standard_library_writes_it(document: object, ascii_only: bool) -> None:
    assert to_json_text(document, ascii_only=ascii_only) == json.dumps(
        document, indent=2, ensure_ascii=ascii_only
    )


def test_a_value_that_json_lacks_is_refused() -> None:
    with pytest.raises(TypeError, match="set is nothing that JSON has"):
        to_json_text({"sessions": {1, 2}}, ascii_only=True)
