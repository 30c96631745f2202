"""The verdict: is this light safe for me, why, and what may still be done."""
