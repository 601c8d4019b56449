"""What reaches a person: the inbox, and jobs with progress."""
