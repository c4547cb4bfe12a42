"""The shapes and pure rules that every room shares."""
