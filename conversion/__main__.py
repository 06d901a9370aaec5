"""`python -m conversion` is `face520-convert`."""

from conversion.cli import main

if __name__ == "__main__":
    main()
