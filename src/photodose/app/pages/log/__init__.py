"""The pages of log."""
