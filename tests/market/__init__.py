"""A loopback market: thirty invented years whose truth is known, served as the real sources would serve them."""
