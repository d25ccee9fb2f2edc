"""What other systems hold, read into cases, and answers written as they read them. Decides nothing."""
