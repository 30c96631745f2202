"""Evidence: every claim made for the light, with trials for and against."""
