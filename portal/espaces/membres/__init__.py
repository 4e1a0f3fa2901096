"""The people of a structure: who they are, what they may do, how they are invited and leave."""
