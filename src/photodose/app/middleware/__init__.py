"""What every request passes: the log, the guard of Host and Origin, the owner, the person."""
