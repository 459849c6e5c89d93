"""What tracks and weighings say together: which vehicle passed which station when, and where its load came from."""
