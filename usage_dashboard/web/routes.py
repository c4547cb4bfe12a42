"""`GET /usage` and `GET /api/usage`: the report of a window in the one JSON shape."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from usage_dashboard.model.errors import UsageDashboardError
from usage_dashboard.model.windows import NAMES, named

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from usage_dashboard.web.cache import Ledger

PATHS = ("/usage", "/api/usage")
USUAL = "week"
EXAMPLE = "/usage?window=week"


def routes(ledger: Ledger) -> list[Route]:
    """The routes that answer from `ledger`."""

    def usage(request: Request) -> JSONResponse:
        try:
            name = _window(request.query_params)
        except ValueError as error:
            return problem(400, str(error), EXAMPLE)
        try:
            return answer(200, ledger.document(name))
        except UsageDashboardError as error:
            return problem(503, str(error), error.hint)

    return [Route(path, usage, methods=["GET"]) for path in PATHS]


def problem(status: int, message: str, hint: str) -> JSONResponse:
    """Why there is no answer, and what to ask or do instead."""
    return answer(status, {"error": message, "hint": hint})


def answer(status: int, document: dict[str, object]) -> JSONResponse:
    """A document that nobody keeps."""
    return JSONResponse(document, status, {"cache-control": "no-store"})


def _window(asked: QueryParams) -> str:
    """The name of the window that was asked for.

    Raises:
        ValueError: it is none, or something else was asked for; the message says so.
    """
    unknown = [key for key in asked if key != "window"]
    if unknown:
        raise ValueError(f"`{unknown[0]}` is no parameter; there is only `window`")
    texts = asked.getlist("window")
    if len(texts) > 1:
        raise ValueError("`window` can be given only once")
    name = named(texts[0]) if texts else USUAL
    if name is None:
        raise ValueError(f"`window` has to be one of {', '.join(NAMES)}")
    return name
