"""Passkeys (WebAuthn): the second factor that no imitation of the portal can take."""
