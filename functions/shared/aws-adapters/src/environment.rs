//! Configuration from environment variables, read once at the start.

use std::collections::BTreeMap;
use std::error::Error;
use std::str::FromStr;

use crate::fault::chain;
use crate::tables::TableNames;

/// The environment variables of this process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, String>);

/// A variable is missing, or its value is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvironmentError {
    /// It is not set, or empty.
    #[error("the environment variable {0} is missing")]
    Missing(&'static str),
    /// Its value cannot be read.
    #[error("the environment variable {name} cannot be read: {problem}")]
    Malformed {
        /// Which variable.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
}

impl Environment {
    /// The variables of this process. Those that are not Unicode do not exist for us.
    #[must_use]
    pub fn of_process() -> Self {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(unicode).collect())
    }

    /// These variables and no others.
    #[must_use]
    pub fn of<const N: usize>(variables: [(&str, &str); N]) -> Self {
        Self(
            variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        )
    }

    /// The value of a variable that has to be set.
    ///
    /// # Errors
    /// When it is not set, or empty.
    pub fn text(&self, name: &'static str) -> Result<String, EnvironmentError> {
        self.optional_text(name)
            .map(str::to_owned)
            .ok_or(EnvironmentError::Missing(name))
    }

    /// The value of a variable that may be missing; an empty one counts as missing, because
    /// templates cannot leave a variable out.
    #[must_use]
    pub fn optional_text(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The value of a variable that has to be set, parsed.
    ///
    /// # Errors
    /// When it is not set, empty, or cannot be parsed.
    pub fn parse<T>(&self, name: &'static str) -> Result<T, EnvironmentError>
    where
        T: FromStr,
        T::Err: Error + 'static,
    {
        self.optional_parse(name)?
            .ok_or(EnvironmentError::Missing(name))
    }

    /// The value of a variable that may be missing or empty, parsed.
    ///
    /// # Errors
    /// When it is set and cannot be parsed.
    pub fn optional_parse<T>(&self, name: &'static str) -> Result<Option<T>, EnvironmentError>
    where
        T: FromStr,
        T::Err: Error + 'static,
    {
        let malformed = |error: T::Err| EnvironmentError::Malformed {
            name,
            problem: chain(&error),
        };
        self.optional_text(name)
            .map(|text| text.parse().map_err(malformed))
            .transpose()
    }

    /// The tables that this function is told of: `ACCOUNTS_TABLE`, `ALLOWLIST_TABLE`,
    /// `POINTS_TABLE`, `DISPATCHES_TABLE` and `ACCESS_TABLE`.
    #[must_use]
    pub fn tables(&self) -> TableNames {
        let name = |variable| self.optional_text(variable).map(str::to_owned);
        TableNames {
            accounts: name("ACCOUNTS_TABLE"),
            allowlist: name("ALLOWLIST_TABLE"),
            points: name("POINTS_TABLE"),
            dispatches: name("DISPATCHES_TABLE"),
            access: name("ACCESS_TABLE"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    #[test]
    fn a_problem_names_its_variable() {
        let environment = Environment::of([("A", "127.0.0.1:53"), ("B", ""), ("C", "port")]);
        assert_eq!(environment.parse::<SocketAddr>("A").unwrap().port(), 53);
        assert_eq!(environment.text("B"), Err(EnvironmentError::Missing("B")));
        assert_eq!(environment.optional_parse::<SocketAddr>("B"), Ok(None));
        let error = environment.parse::<u64>("C").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment variable C cannot be read: invalid digit found in string"
        );
    }

    #[test]
    fn a_function_knows_the_tables_it_was_told_of() {
        let tables = Environment::of([("POINTS_TABLE", "p"), ("ACCOUNTS_TABLE", "")]).tables();
        let expected = TableNames {
            points: Some("p".to_owned()),
            ..TableNames::default()
        };
        assert_eq!(tables, expected);
    }
}
