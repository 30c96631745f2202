"""The pages of session."""
