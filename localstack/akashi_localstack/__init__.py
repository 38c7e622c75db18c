"""What LocalStack's free edition lacks for Akashi, each part behaving as AWS documents it.

Every module that LocalStack loads through an entry point keeps its imports of LocalStack inside
functions or in a module of its own, so that the pure parts can be tested without starting it.
"""
