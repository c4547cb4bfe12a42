"""What a call costs: the dated price table, the names of models, and the arithmetic.

Prices are integer nano-USD per token (1 USD per million tokens is 1000), so that no float holds money.
"""
