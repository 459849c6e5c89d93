"""A slow, plain reading of the rule semantics, kept apart from the engine so that the two can be compared."""
