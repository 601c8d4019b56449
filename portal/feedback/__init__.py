"""What the public sends and gets back: contact and report cases, receipts, answers."""
