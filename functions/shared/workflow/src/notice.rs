//! Sending a mail of our own: record the attempt, send, record what came of it.

use domain::{NoticeDecision, NoticeState};
use tracing::warn;

use crate::Failure;
use crate::ports::{Clock, Handover, OutgoingMail, PortResult, SendMail};

const DOING_WAIT: &str = "waiting for another attempt to send a mail of our own";

/// Sends the mail unless its state says that it was sent, or that somebody else may be sending
/// it. `moves` writes a new state if the old one still stands.
pub(crate) async fn send_notice(
    mailer: &impl SendMail,
    clock: &impl Clock,
    state: &NoticeState,
    mail: &OutgoingMail,
    moves: impl AsyncFn(&NoticeState, &NoticeState) -> PortResult<bool>,
) -> Result<(), Failure> {
    send_once(clock, state, async || mailer.send_mail(mail).await, moves).await
}

/// The same for a message on any channel.
pub(crate) async fn send_once(
    clock: &impl Clock,
    state: &NoticeState,
    send: impl AsyncFn() -> Handover,
    moves: impl AsyncFn(&NoticeState, &NoticeState) -> PortResult<bool>,
) -> Result<(), Failure> {
    let now = clock.now();
    match state.decide(now) {
        NoticeDecision::Done => return Ok(()),
        NoticeDecision::Wait => return Err(Failure::transient(DOING_WAIT)),
        NoticeDecision::Send => {}
    }
    let attempted = NoticeState::Attempted { at: now };
    if !moves(state, &attempted).await? {
        return Err(Failure::transient(DOING_WAIT));
    }
    match send().await {
        Handover::Accepted(message_id) => {
            moves(
                &attempted,
                &NoticeState::Sent {
                    at: clock.now(),
                    message_id,
                },
            )
            .await?;
            Ok(())
        }
        Handover::Busy(source) => {
            moves(&attempted, &NoticeState::Pending).await?;
            Err(Failure::Transient {
                doing: "handing a mail of our own to a busy provider",
                source: Some(source),
            })
        }
        // The state stays `Attempted`: after the doubt somebody sends it again.
        Handover::Unknown(source) => Err(Failure::Transient {
            doing: "handing a mail of our own to a provider that did not answer",
            source: Some(source),
        }),
        Handover::Refused(reason) => {
            moves(&attempted, &NoticeState::Pending).await?;
            // Its code only: the words behind it may quote an address or a number.
            let code = reason.split(':').next();
            warn!(code, "the provider refused a message of our own");
            Err(Failure::permanent(
                "handing a mail of our own to a provider that refuses it",
            ))
        }
    }
}
