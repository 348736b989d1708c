"""Lists of people for advertising platforms: hashed, neutral in name, only of those who agreed."""
