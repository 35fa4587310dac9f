"""What the page's "Try it" panel asks for, on the stack that runs on this machine."""
