"""Messages to people: by e-mail, or to the address of a chat."""
