"""What a change would do, and how long a belief takes to know, before anything is changed."""
