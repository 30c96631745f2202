"""Set-up: what a person wants, has, is and takes; each answer changes the verdict at once."""
