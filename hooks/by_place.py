"""Where the package is, by the place of the hook script that executes this: it is imported from there."""

import os
import sys

# In a checkout the package lies beside this folder, installed it lies around it.
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
if not os.path.exists(os.path.join(root, "usage_dashboard", "__init__.py")):
    root = os.path.dirname(root)
sys.path.append(root)
