"""Smart cards in software, put into the virtual reader of vsmartcard: what a CPS answers, byte for byte.

They share nothing with the agent's own demonstration card but the TLV writer, so that the two imitations
check each other. ``python -m tests.carte_virtuelle --help`` puts one in the reader by hand.
"""
