"""The second factors of an account: authenticator applications, recovery codes, passkeys."""
