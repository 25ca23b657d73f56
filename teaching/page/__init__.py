"""The executable chapter as a static site."""
