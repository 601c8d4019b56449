"""The language that regions are written in: frozen words, pure decisions, checks. Standard library only."""
