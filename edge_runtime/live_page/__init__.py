"""A web page that shows a running video, its faces and how the machine does."""
