"""Where untrusted or costly bytes are worked on: child processes with limits. Nothing here knows the database."""
