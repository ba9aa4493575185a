"""What /help teaches: its pages as data, free of Discord, and the pictures in them."""
