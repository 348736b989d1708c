"""What engines are asked, as Ibis expressions that any of them may run."""
