"""One module a host: each turns the truth into that host's own words."""
