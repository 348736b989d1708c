"""What corrections cost and promise, on the production path: a figure, its interval and its bar, subject by subject."""
