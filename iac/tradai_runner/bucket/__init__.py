"""TODO: what this room is for, and what it must never do."""
