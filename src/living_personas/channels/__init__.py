"""Other products' protocols: what their clients and webhooks send, and how lists and ads are written for them."""
