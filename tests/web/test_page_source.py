"""What the page offers and how often it reads again, by its source: no browser waits for five minutes."""

from __future__ import annotations

import ast
from pathlib import Path

import usage_dashboard.web
from usage_dashboard.web.selection import FILTERS

APP = Path(usage_dashboard.web.__file__).with_name("app.py")


def test_the_page_filters_by_project_model_agent_and_channel() -> None:
    assert FILTERS == ("project", "model", "agent", "channel")


def test_the_page_reads_again_every_five_minutes() -> None:
    tree = ast.parse(APP.read_text())
    (body,) = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "show_body"]
    assert [ast.unparse(each) for each in body.decorator_list] == ["st.fragment(run_every=REFRESH_SECONDS)"]
    values = [
        each.value
        for each in tree.body
        if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "REFRESH_SECONDS"
    ]
    assert [eval(ast.unparse(value), {}) for value in values] == [300]
