"""What is told of many memories: days, trends, feelings."""
