"""What people see: the command line, and later the page and the notebooks."""
