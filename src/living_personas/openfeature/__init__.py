"""For products that ask through OpenFeature."""
