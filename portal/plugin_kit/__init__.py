"""For plugin authors: checks a plugin and finds the line to mend, writes a new one, and helps to test it."""
