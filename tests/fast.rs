//! The fast tests: everything that needs no LocalStack.

mod tidy;
