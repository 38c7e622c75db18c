//! The fast tests: everything that needs no LocalStack.

mod journeys;
mod ports;
mod simulation;
mod tidy;
