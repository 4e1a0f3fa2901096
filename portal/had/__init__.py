"""A helper for physicians: does a patient call for a care at home? It advises, and decides nothing."""
