"""Notice boards: what they say, their versions, whether they still tell the truth, and how they are printed."""
