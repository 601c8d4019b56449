"""What can't be undone: one ledger that is audit, history and hash chain, the events in it, and the stored editions."""
