"""An emulated Crossbeam organization on a real HTTP wire; development and tests only."""
