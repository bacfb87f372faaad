"""Measurements, run by hand with ``script/bench NAME``: figures of one machine, side by side, and never a test."""
