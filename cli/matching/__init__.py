"""Map matching for check: tiles of roads, the matcher as a process of its own, slices matched and kept."""
