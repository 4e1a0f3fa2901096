"""How long each kind of data is kept and on what ground; a patient's data copied or erased at his request."""
