"""The door of enterprises."""
