"""What engines are asked where Ibis has no word for it: SQL, written once in the words of DuckDB."""
