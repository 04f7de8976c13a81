# Stand-in: the class is in spec/support.
