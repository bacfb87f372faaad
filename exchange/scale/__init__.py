"""Invented collections of any size, to measure with: skewed and uncertain as real ones are, and the same every time."""
