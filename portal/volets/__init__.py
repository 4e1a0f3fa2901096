"""The volets of a dossier: forms as data, answers, completeness, AGGIR."""
