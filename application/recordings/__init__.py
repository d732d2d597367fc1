"""What is made of whole recordings: kept ones, heard again, better transcripts."""
