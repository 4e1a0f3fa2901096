"""The password of an account: changing it, and setting it anew by a mailed link when it is forgotten."""
