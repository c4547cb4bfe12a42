"""What Claude Code spent, on what, and how much of the week is left."""

__version__ = "0.1.0"
__all__ = ["Ledger", "__version__"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from usage_dashboard.reports.library import Ledger


def __getattr__(name: str) -> object:
    """`Ledger`, loaded when it is asked for: a hook pays for every import here."""
    if name == "Ledger":
        from importlib import import_module  # noqa: PLC0415 - see above

        return getattr(import_module("usage_dashboard.reports.library"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
