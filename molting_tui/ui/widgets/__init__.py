"""Line API widgets that repaint only the lines that changed."""
