"""The same board page as others would build it. Every peer fills the portal's own template, so that only the road to it differs."""
