"""Step 4: evidence proposes and the gate judges; what does harm is taken back, what came late is looked at again."""
