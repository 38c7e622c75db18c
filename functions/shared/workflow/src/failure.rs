//! How a step fails. A refusal is not a failure: it is an answer.

use std::error::Error;

use domain::DispatchId;

use crate::ports::PortError;

/// A step could not do its work. The name decides what the state machine does with it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Another try may succeed.
    #[error("{doing}")]
    Transient {
        /// What the step was doing.
        doing: &'static str,
        /// What went wrong.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// Another try would fail the same way; somebody has to look.
    #[error("{doing}")]
    Permanent {
        /// What the step was doing.
        doing: &'static str,
        /// What went wrong.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// The certificate that is added to is not stored yet. It may wait for its timestamp as long
    /// as signing is tried, and what adds to it waits with it.
    #[error("composing an addendum to a certificate that is not stored yet")]
    CertificateAwaited,
    /// The draft names another signing certificate than the one there is now, or was issued days
    /// ago. It is composed again.
    #[error("signing a draft of another signing certificate or another day")]
    DraftOutdated,
    /// There is no such dispatch.
    #[error("no dispatch has the id {0}")]
    UnknownDispatch(DispatchId),
}

impl Failure {
    /// The error name that `Retry` and `Catch` of the state machines branch on.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Transient { .. } => "TransientFailure",
            Self::CertificateAwaited => "CertificateAwaited",
            Self::DraftOutdated => "DraftOutdated",
            Self::Permanent { .. } | Self::UnknownDispatch(_) => "PermanentFailure",
        }
    }

    /// The failure and all its causes on one line.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut line = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            line.push_str(": ");
            line.push_str(&error.to_string());
            cause = error.source();
        }
        line
    }

    pub(crate) fn transient(doing: &'static str) -> Self {
        Self::Transient {
            doing,
            source: None,
        }
    }

    pub(crate) fn permanent(doing: &'static str) -> Self {
        Self::Permanent {
            doing,
            source: None,
        }
    }

    pub(crate) fn permanent_because(
        doing: &'static str,
        source: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self::Permanent {
            doing,
            source: Some(source.into()),
        }
    }
}

impl From<domain::IdError> for Failure {
    fn from(error: domain::IdError) -> Self {
        Self::permanent_because("reading an id", error)
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Transient { operation, source } => Self::Transient {
                doing: operation,
                source: Some(source),
            },
            PortError::Permanent { operation, source } => Self::Permanent {
                doing: operation,
                source: Some(source),
            },
        }
    }
}
