#![no_main]
//! See [`fuzz::verifier`].

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzz::verifier(bytes));
