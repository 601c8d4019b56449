"""Budgets of networks, devices and accounts for what is costly, and turns at it for whoever had least."""
