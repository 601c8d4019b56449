"""Needs what is not installed."""

import nowhere_at_all
