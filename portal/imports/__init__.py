"""The register as offices have it: spreadsheets of any shape are read, checked at the cell, taken in, and undone again."""
