"""Machine code: what it is made of, and how many cycles a core is expected to take for it."""
