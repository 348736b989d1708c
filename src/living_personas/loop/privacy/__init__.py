"""Who said no, who was erased, and which tables hold customers: every door asks here."""
