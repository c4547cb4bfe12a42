"""Official percentages and what was said of them."""
