"""The table page as Django's documentation advises: related tables, ``select_related``, templates."""
