"""What stands where: every sheet that cpxl writes or reads is a list of named blocks, defined here and nowhere else."""
