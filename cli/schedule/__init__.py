"""Work that comes by the calendar: lists, amendments, proposals, the store's upkeep, delivery."""
