"""A provider for products that ask through OpenFeature."""
