"""Who may come in: accounts, what they were granted, sessions. Builds the viewer; decides nothing else."""
