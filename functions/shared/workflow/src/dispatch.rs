//! The room of dispatches: how one begins, is handed over, and learns what became of it.

pub(crate) mod addendum;
pub(crate) mod begin;
pub mod deliver;
pub(crate) mod failed_road;
pub(crate) mod loading;
pub(crate) mod own_event;
pub(crate) mod progress;
pub mod record_event;
