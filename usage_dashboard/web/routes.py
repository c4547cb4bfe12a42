"""`GET /usage` and `GET /api/usage`: the report of a window as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.reports.window_query import parse_window_name

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from usage_dashboard.web.cache import LedgerCache

PATHS = ("/usage", "/api/usage")
USUAL = "week"
EXAMPLE = "/usage?window=week"


def make_routes(cache: LedgerCache) -> list[Route]:
    """Make the routes that answer from `cache`."""

    def get_usage(request: Request) -> JSONResponse:
        try:
            name = _window_name(request.query_params)
        except ValueError as error:
            return problem_response(400, str(error), EXAMPLE)
        try:
            return json_response(200, cache.window_document(name))
        except UsageDashboardError as error:
            return problem_response(503, str(error), error.hint)

    return [Route(path, get_usage, methods=["GET"]) for path in PATHS]


def problem_response(status: int, message: str, hint: str) -> JSONResponse:
    """Respond with why there is no report, and with what to ask or do instead."""
    return json_response(status, {"error": message, "hint": hint})


def json_response(status: int, document: dict[str, object]) -> JSONResponse:
    """Respond with a document that is not to be cached."""
    return JSONResponse(document, status, {"cache-control": "no-store"})


def _window_name(query: QueryParams) -> str:
    """The name of the window in `query`, by default the week.

    Raises:
        ValueError: there is no such window, or another parameter was given; the message says which.
    """
    unknown = [key for key in query if key != "window"]
    if unknown:
        raise ValueError(f"`{unknown[0]}` is not a parameter; there is only `window`")
    texts = query.getlist("window")
    if len(texts) > 1:
        raise ValueError("`window` can be given only once")
    return parse_window_name(texts[0]) if texts else USUAL
