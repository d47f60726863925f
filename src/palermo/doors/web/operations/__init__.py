"""Running a node: what is wrong with it (`palermo doctor`), and its backup and restoration."""
