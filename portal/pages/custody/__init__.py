"""The door of custodians: complaints, and nothing else."""
