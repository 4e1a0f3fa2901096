"""The first visit: the guide's own steps, told on the real pages, as often as one likes."""
