"""`python -m training` is `face520-train`."""

from training.cli import main

if __name__ == "__main__":
    main()
