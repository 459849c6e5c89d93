"""The self-proof: a fleet of known answers through the processes of production, held against what was planted."""
