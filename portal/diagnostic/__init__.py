"""Questions that end in one instruction, and the check of a workstation; both without an account."""
