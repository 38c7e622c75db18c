//! Rules of the repository, as tests. Each is a table or a short list; a failure names the file,
//! the line and the rule, all of them at once.

mod addresses;
mod circles;
mod fixtures;
mod glossary;
mod layers;
mod names;
mod ports;
mod products;
mod public_verifier;
mod repository;
mod requirements;
mod rooms;
mod sources;
mod stable_names;
