"""Which units can take a patient: ranked from the volet orientation, with reasons. It advises and never decides."""
