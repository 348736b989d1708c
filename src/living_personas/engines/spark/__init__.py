"""Rows in Spark, or in whatever else speaks Spark Connect."""
