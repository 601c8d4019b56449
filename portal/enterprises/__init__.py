"""The enterprises: their dated facts, the class that follows from them, and the grid that they are placed in."""
