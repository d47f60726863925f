"""`palermo doctor`: placeholder until the checks are in place."""
