"""Lay out pages, and print them on a terminal or into a pipe."""
