"""`python -m edge_runtime` is `face520-run`."""

from edge_runtime.cli import main

if __name__ == "__main__":
    main()
