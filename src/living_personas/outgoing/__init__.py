"""What leaves the house: changes, mail, webhooks."""
