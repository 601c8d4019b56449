"""Where things are and which offices answer: jurisdictions, units, grids and the ground they cover."""
