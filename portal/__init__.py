"""A portal for grass-roots work-safety supervision: grids, the people who answer for them, and the board on the wall.

The house has three storeys (design: ``docs/architecture.md``): ``scheme`` is the language that regions are written in, the
wings (one package per subject) decide and keep, and ``pages`` holds one door per kind of person. Imports point down only.
"""

__version__ = "0.1.0"
