"""Lending one's access: to a colleague or replacement for a time, to a secretary until revoked."""
