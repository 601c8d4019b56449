"""The door of inspectors, on their phones."""
