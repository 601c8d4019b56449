"""One room for each sort of thing that comes in as a sheet: its columns, how a row is known again, and what takes it in."""
