"""`hanhtrinh roads`: roads taken in from OpenStreetMap or an authority, looked at, and examined."""
