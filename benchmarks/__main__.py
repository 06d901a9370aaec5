"""`python -m benchmarks` is `face520-bench`."""

from benchmarks.cli import main

if __name__ == "__main__":
    main()
