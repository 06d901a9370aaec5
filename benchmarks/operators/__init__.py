"""What a model is made of, and what each operator costs."""
