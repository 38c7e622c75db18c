//! The call of a scheduled rule.

use serde::Deserialize;

/// The event of a scheduled rule. None of its fields is read: what time it is says the clock, so
/// that a late or repeated event does the same as one that is on time.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct ScheduledEvent {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_event_of_a_rule_and_that_of_an_operator() {
        for json in [
            include_str!("../../../../../events/scheduled-event.json"),
            "{}",
        ] {
            let read: Result<ScheduledEvent, _> = serde_json::from_str(json);
            assert!(read.is_ok(), "{json}");
        }
    }
}
