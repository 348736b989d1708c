"""What e-mail providers report, one file a provider."""
