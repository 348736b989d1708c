"""The persona that used to be a PDF, as a page that is true today."""
