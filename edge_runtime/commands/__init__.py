"""`face520-run`: options in, a run over photos or over a video out."""
