//! The state machine that each dispatch runs through.

use std::future::Future;

use domain::DispatchId;

use super::PortResult;
use crate::dispatch::begin::Begin;

/// The task token by which Step Functions knows a waiting step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitToken(pub String);

/// Starts the workflow of a dispatch.
pub trait StartDispatch {
    /// Starts it under the dispatch's id; a workflow that was started before is left alone.
    fn start_dispatch(
        &self,
        id: &DispatchId,
        begin: Begin,
    ) -> impl Future<Output = PortResult<()>> + Send;
}

/// Tells a waiting workflow to go on.
pub trait CompleteWait {
    /// Completes the wait with the step's answer as JSON. A wait that is over already is fine.
    fn complete_wait(
        &self,
        token: &WaitToken,
        output: &str,
    ) -> impl Future<Output = PortResult<()>> + Send;
}
