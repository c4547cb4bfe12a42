"""The page in the browser, and `GET /usage`, in one process on 127.0.0.1."""
