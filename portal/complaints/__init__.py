"""Complaints about a person: taken in, read by custodians outside the chain, answered; in no table of anybody else's."""
