"""Safety of one device: hazards to eyes and skin."""
