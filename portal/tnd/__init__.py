"""TND, the physician's side: dated settings of the path, the repérage grid, consent. Pure: no page, no table."""
