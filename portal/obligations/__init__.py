"""Who owes what to whom in which window. A deed fulfils it."""
