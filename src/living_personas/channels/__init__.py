"""Other products: their protocols and webhooks come in as events, lists, ads and changes go out."""
