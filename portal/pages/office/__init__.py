"""The door of the offices."""
