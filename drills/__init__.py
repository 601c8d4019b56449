"""Longer proofs, on whole processes: what is promised when servers, workers and people do their worst."""
