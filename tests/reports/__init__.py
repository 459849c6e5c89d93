"""Report forms, statistics, draft decisions."""
