"""The pages of yours."""
