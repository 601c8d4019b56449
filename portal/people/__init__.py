"""Who holds which post, where, since when: people, their appointments at seats, and the gaps between."""
