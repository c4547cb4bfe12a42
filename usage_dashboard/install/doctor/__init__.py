"""What keeps usage from being recorded."""
