"""`python -m photodose.cli` is `photodose`."""

from photodose.cli import main

main()
