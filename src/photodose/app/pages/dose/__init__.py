"""What a device does: its light by depth in one skin."""
