"""`python -m molting_tui` is the `molting` command."""

from molting_tui.cli import main

main()
