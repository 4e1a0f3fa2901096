"""The built help site: its construction, its search, its pages and the drawer of the « ? » button."""
