"""Check this advert: every claim of a text, answered."""
