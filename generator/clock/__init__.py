"""The clock: which letters are due, what has been done of each, and the run that does the rest.

docs/clock.md tells how. A letter is known by its key, day and kind; each step of it is written down when it is done, so
that a run may end anywhere and the next one goes on.
"""
