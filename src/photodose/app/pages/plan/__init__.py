"""The plan: a numbered routine, why this number, how sure."""
