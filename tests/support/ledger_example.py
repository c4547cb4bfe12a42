"""The example of `Ledger`, as its docstring has it: checked like all code here, and run by a test."""

from usage_dashboard import Ledger

with Ledger() as ledger:
    week = ledger.usage("week", project="shop")
    print(week.totals.total_tokens, week.totals.cost_estimate_usd)
    for row in week.by("model"):
        print(row["model"], row["cache_hit_rate"])
    slow = [session for session in ledger.sessions("7D") if session.duration_seconds > 3600]
    longest = max((call.output_tokens for call in ledger.calls("month", model="opus")), default=0)
