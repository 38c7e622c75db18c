//! Contracts of the ports.
