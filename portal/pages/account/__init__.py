"""Signing in and out, and what belongs to the account itself."""
