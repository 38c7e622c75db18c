//! The pages, from request to response.
