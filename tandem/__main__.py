"""`python -m tandem`: how the supervisor starts the processes of a deployment."""

from tandem.cli import main

main()
