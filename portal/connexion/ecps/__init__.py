"""e-CPS login: the portal as a relying party of Pro Santé Connect (OpenID Connect, code flow with PKCE)."""
