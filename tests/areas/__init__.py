"""Administrative areas: where places lie, what was driven in each, statistics by them."""
