"""Thinking of buying one: devices side by side."""
