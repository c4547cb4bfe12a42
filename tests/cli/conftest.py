"""The command line in this process, on a frozen clock, for every test in this folder."""

from __future__ import annotations

from tests.support.command import ask, clock, configure, document, lent, page, world

__all__ = ["ask", "clock", "configure", "document", "lent", "page", "world"]
