"""The space of coordination teams (CLIC, DAC) and hospital services: create, follow, hand over."""
